"""What the log tells of each action of the life cycle."""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar
from typing import Any

import pytest

from blast_artifacts.lifecycle import backfill, claims, events, finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared import clock, storage
from shared.log_lines import action, note
from tests.lifecycle.makers import make_job, put_results, stands, tell


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, "actions")
    return lambda: [json.loads(one.getMessage()) for one in caplog.records if one.name == "actions"]


def ended() -> Job:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="completed")
    return stands(job)


def finalize(job: Job) -> None:
    with action("finalize"):
        note(outcome=finalizer.take_in(json.dumps({"job": job.job_id})))


def test_a_build_tells_what_it_read_and_wrote(account: None, lines: Any) -> None:
    job = ended()
    put_results(job)
    finalize(job)
    (line,) = lines()
    assert (line["outcome"], line["job"], line["run"], line["attempt"]) == ("published", job.job_id, 1, 1)
    assert (line["rows"], line["complete"]) == (59, True)
    assert line["bytes"] > 1000
    assert len(line["build"]) == 32


def test_what_has_failed_for_good_says_so(account: None, lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", "2")
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    storage.forget()
    job = ended()
    finalize(job)
    assert (lines()[-1]["code"], "for_good" in lines()[-1]) == ("results_not_listable", False)
    # The last attempt is never given up for want of a listing, so it is one that died.
    time.sleep(0.01)
    claims.claim(job).release("build_failed", "why", clock.now())
    finalize(job)
    assert (lines()[-1]["code"], lines()[-1]["for_good"]) == ("attempts_exhausted", True)


def test_an_event_tells_whose_it_is(account: None, lines: Any) -> None:
    job = make_job()
    with action("event"):
        text = {"kind": "step", "job": job.job_id, "run": 1, "step": "running", "state": "started"}
        note(outcome=events.take_in(json.dumps({**text, "at": "2026-11-24T10:00:00Z"})))
    (line,) = lines()
    assert (line["kind"], line["job"], line["outcome"]) == ("step", job.job_id, "applied")


def test_the_timer_tells_how_long_the_oldest_job_has_waited(
    account: None, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    storage.forget()
    ended()
    with action("backfill"):
        note(seen=backfill.run())
    (line,) = lines()
    assert (line["seen"], line["failed"]) == (1, 0)
    assert line["oldest_pending_seconds"] > 0


def test_what_the_renewing_thread_logs_belongs_to_the_invocation(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    invocation: ContextVar[str] = ContextVar("invocation", default="none")
    seen = []
    monkeypatch.setenv("RENEWAL_SECONDS", "0.01")
    storage.forget()
    claim = claims.claim(ended())
    monkeypatch.setattr(claim, "renew", lambda: seen.append(invocation.get()))
    invocation.set("ours")
    with claim.kept_alive():
        time.sleep(0.1)
    assert set(seen) == {"ours"}
