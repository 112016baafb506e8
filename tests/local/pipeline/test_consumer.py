from __future__ import annotations

import base64
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from local.pipeline import sample
from local.pipeline.consumer import Consumer
from shared.settings import settings
from shared.storage import connection, queue
from tests.local.host.running import until
from tests.local.pipeline.queues import events, files, needs_blast, send, submit, waiting

pytestmark = pytest.mark.usefixtures("account")

JOB = "5f0c1d2e-0001"
QUERY = ">q1 a piece of nothing\nMKVLAAGIVGLCAKAYQ\n"


def put_raw(content: str) -> None:
    """Put content on the queue that is not base64 of ours."""
    from azure.storage.queue import QueueClient

    name = settings().submit_queue
    queue(name)
    with QueueClient.from_connection_string(connection().connection_string or "", name) as client:
        client.send_message(content)


def ends(sent: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(event["job"], event["run"], event["status"]) for event in sent if event["kind"] == "terminal"]


def test_a_second_message_of_the_same_run_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    submit(JOB, QUERY)
    submit(JOB, QUERY)
    Consumer(tmp_path).run(once=True)
    submit(JOB, QUERY)
    Consumer(tmp_path).run(once=True)
    assert ends(events()) == [(JOB, 1, "failed")]
    assert waiting() == 0


def test_another_run_of_the_same_job_is_another_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    submit(JOB, QUERY, run=1)
    submit(JOB, QUERY, run=2)
    Consumer(tmp_path).run(once=True)
    assert ends(events()) == [(JOB, 1, "failed"), (JOB, 2, "failed")]


@pytest.mark.parametrize(
    "content",
    [
        "not base64!",
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b'{"kind": "dance", "job": "5f0c1d2e-0001", "run": 1}').decode(),
        base64.b64encode(b'{"kind": "cancel", "job": "../../etc", "run": 1}').decode(),
        base64.b64encode(b'{"kind": "cancel", "job": "5f0c1d2e-0001", "run": 1, "why": "?"}').decode(),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_message_that_is_none_is_logged_and_dropped(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_raw(content)
    Consumer(tmp_path).run(once=True)
    assert waiting() == 0
    assert events() == []
    assert "is dropped" in caplog.text


def test_a_cancellation_that_comes_first_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    send({"kind": "cancel", "job": JOB, "run": 1})
    submit(JOB, QUERY)
    Consumer(tmp_path).run(once=True)
    sent = events()
    assert [event["kind"] for event in sent] == ["terminal"]
    assert ends(sent) == [(JOB, 1, "cancelled")]


@needs_blast
def test_a_cancellation_kills_the_running_blast(tmp_path: Path) -> None:
    submit(JOB, sample.query(), options=dict(sample.OPTIONS))
    consumer = Consumer(tmp_path)
    thread = threading.Thread(target=consumer.run, kwargs={"once": True})
    thread.start()
    try:
        until(lambda: "metadata/num_jobs_submitted.txt" in files(JOB))
        begun = time.monotonic()
        send({"kind": "cancel", "job": JOB, "run": 1})
        thread.join(10)
        assert time.monotonic() - begun < 5
    finally:
        consumer.stop()
        thread.join()
    assert ends(events()) == [(JOB, 1, "cancelled")]
    assert not {"metadata/SUCCESS.txt", "metadata/FAILURE.txt"} & set(files(JOB))
    assert waiting() == 0


@needs_blast
def test_a_stopped_pipeline_gives_the_search_back_and_takes_it_up_again(tmp_path: Path) -> None:
    query = "".join(sample.batches()[7:])
    submit(JOB, query, options=dict(sample.OPTIONS))
    consumer = Consumer(tmp_path)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        until(lambda: "metadata/num_jobs_submitted.txt" in files(JOB))
    finally:
        consumer.stop()
        thread.join()
    assert ends(events()) == []
    assert waiting() == 1
    Consumer(tmp_path).run(once=True)
    assert ends(events()) == [(JOB, 1, "completed")]
    assert waiting() == 0


def test_a_search_under_way_is_held_beyond_the_first_visibility(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from local.pipeline import consumer, search

    monkeypatch.setattr(consumer, "HELD_SECONDS", 1)
    monkeypatch.setattr(consumer, "RENEWAL_SECONDS", 0.3)
    begun = []

    def slow(*_: object) -> None:
        begun.append(time.monotonic())
        time.sleep(2.2)

    monkeypatch.setattr(search, "run", slow)
    submit(JOB, QUERY)
    Consumer(tmp_path).run(once=True)
    assert len(begun) == 1
    assert waiting() == 0
