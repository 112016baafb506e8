from __future__ import annotations

import json
import time

import pytest

from blast_artifacts.lifecycle import claims, due, poison
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock
from shared.settings import settings
from tests.lifecycle.makers import TIME, make_job, stands
from tests.lifecycle.roads import asked, messages


def waiting() -> list[due.Kind]:
    return [work.kind for work in due.overdue(clock.later(1e6))]


def failure_of(job_id: str) -> str:
    return json.dumps({"kind": "terminal", "job": job_id, "run": 1, "status": "failed", "at": TIME})


def test_a_poisoned_finalize_message_leaves_a_due_row(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    assert poison.take_in_finalize(json.dumps({"job": job.job_id, "run": 1})) == "due"
    assert waiting() == [due.Kind.FINALIZE]


def test_a_live_claim_and_a_settled_run_are_left_alone(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    text = json.dumps({"job": job.job_id, "run": 1})
    claim = claims.claim(job)
    assert poison.take_in_finalize(text) == "busy"
    claim.publish(claim.ended(SentinelStatus.READY), [])
    assert poison.take_in_finalize(text) == "settled"
    assert waiting() == []


@pytest.mark.parametrize("text", [b"", b"\xff", b"nonsense", b"{}", b'{"job": "gone-for-good"}'])
def test_poison_never_raises(account: None, text: bytes) -> None:
    assert poison.take_in_finalize(text) in ("malformed", "gone")
    assert poison.take_in_event(text) == "malformed"


def test_a_poisoned_event_is_tried_once_more(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    event = {
        "kind": "terminal",
        "job": job.job_id,
        "run": 1,
        "status": "failed",
        "at": "2026-11-24T10:00:00Z",
    }
    assert poison.take_in_event(json.dumps(event)) == "applied"
    assert stands(job).status is JobStatus.FAILED


def test_storage_that_fails_does_not_raise_out_of_poison(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise OSError("storage is down")

    monkeypatch.setattr("blast_artifacts.lifecycle.jobs.get_summary", fail)
    event = {
        "kind": "terminal",
        "job": "12345678",
        "run": 1,
        "status": "failed",
        "at": "2026-11-24T10:00:00Z",
    }
    assert poison.take_in_event(json.dumps(event)) == "later"
    assert poison.take_in_finalize('{"job": "12345678"}') == "later"


def test_what_fails_as_poison_too_comes_back_when_the_outage_may_be_over(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_CAP_SECONDS", "2")
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    text = failure_of(job.job_id)

    def fail(*_: object) -> None:
        raise OSError("storage is down")

    with monkeypatch.context() as outage:
        outage.setattr("shared.rows.find", fail)
        assert poison.take_in_event(text.encode()) == "later"
        assert poison.take_in_finalize(json.dumps({"job": job.job_id}).encode()) == "later"
    given = settings()
    assert messages(given.events_queue) == messages(given.artifacts_queue) == []
    time.sleep(2.1)
    assert messages(given.events_queue) == [text]
    assert asked() == [job.job_id]
