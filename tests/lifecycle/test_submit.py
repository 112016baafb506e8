from __future__ import annotations

import base64
import json

import pytest

from blast_artifacts.lifecycle import due, index, jobs, submit
from blast_artifacts.lifecycle.capacity import Capacity
from blast_artifacts.lifecycle.messages import Search
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container, queue

BODY = json.dumps(
    {
        "title": "A search",
        "program": "blastn",
        "database": "nt",
        "query": ">a\nACGT\n",
        "options": {"evalue": 1},
    }
).encode()


def sent() -> list[Search]:
    messages = queue(settings().submit_queue).receive_messages()
    return [Search.model_validate_json(base64.b64decode(message.content)) for message in messages]


def all_due() -> list[tuple[str, str]]:
    return [(work.job_id, work.kind) for work in due.overdue(clock.later(1e6))]


def test_a_submitted_job_is_queued_listed_and_known_to_the_pipeline(account: None) -> None:
    job = submit.submit("local.ann", BODY)
    assert job.status is JobStatus.QUEUED
    assert jobs.get_summary(job.job_id) == job
    assert [job_id for _, job_id in index.entries("local.ann")] == [job.job_id]
    (message,) = sent()
    assert message.job == job.job_id
    assert message.options == {"evalue": 1.0, "outfmt": "7 std staxids stitle qlen slen qcovs"}
    container_name, _, path = message.query.partition("/")
    assert container(container_name).download_blob(path).readall() == b">a\nACGT\n"
    assert message.results == job.results_prefix


def test_what_was_submitted_is_kept_apart_from_the_row(account: None) -> None:
    job = submit.submit("local.ann", BODY)
    kept = submit.read_request(job.job_id)
    assert kept is not None
    assert (kept.options["evalue"], kept.records, kept.letters) == (1.0, 1, 4)


def test_a_refused_request_leaves_nothing_behind(account: None) -> None:
    with pytest.raises(AppError):
        submit.submit("local.ann", BODY.replace(b"ACGT", b"!!!!"))
    assert list(index.entries("local.ann")) == []
    assert all_due() == []
    assert sent() == []


def test_the_newest_job_is_listed_first(account: None) -> None:
    made = [submit.submit("local.ann", BODY).job_id for _ in range(3)]
    submit.submit("local.bob", BODY)
    listed = list(index.entries("local.ann"))
    assert [job_id for _, job_id in listed] == made[::-1]
    assert [job_id for _, job_id in index.entries("local.ann", after=listed[0][0])] == made[1::-1]


def stub_of_azure(monkeypatch: pytest.MonkeyPatch, has_room: bool | None) -> None:
    monkeypatch.setenv("BLAST_SUBMIT_SYNC_CAPACITY_CHECK", "true")
    settings.cache_clear()
    answer = Capacity(has_room, "The cluster is stopped.")
    monkeypatch.setattr("blast_artifacts.lifecycle.capacity.check", lambda: answer)


def test_a_job_is_refused_where_the_cluster_has_no_room(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_of_azure(monkeypatch, has_room=False)
    with pytest.raises(AppError, match="stopped") as refusal:
        submit.submit("local.ann", BODY)
    assert (refusal.value.code, refusal.value.status) == ("no_capacity", 503)
    assert all_due() == []


def test_a_job_is_let_in_with_a_warning_where_room_cannot_be_told(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_of_azure(monkeypatch, has_room=None)
    job = submit.submit("local.ann", BODY)
    assert (job.status, job.warning) == (JobStatus.QUEUED, "The cluster is stopped.")


def test_the_check_is_off_by_default(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blast_artifacts.lifecycle.capacity.check", lambda: pytest.fail("it was asked"))
    assert submit.submit("local.ann", BODY).warning is None


def test_a_repeat_with_its_key_is_not_checked_again(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first = submit.submit("local.ann", BODY, "key")
    stub_of_azure(monkeypatch, has_room=False)
    assert submit.submit("local.ann", BODY, "key").job_id == first.job_id
