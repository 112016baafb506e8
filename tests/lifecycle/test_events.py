from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from blast_artifacts.lifecycle import due, events, sentinel, steps
from blast_artifacts.terms import STEPS, JobStatus, SentinelStatus
from shared import clock
from tests.lifecycle.makers import TIME, make_job, stands, tell


def step(job: Any, name: str) -> dict[str, Any]:
    return next(one for one in steps.time_line(stands(job))["steps"] if one["step"] == name)


def test_the_first_step_sets_the_job_running(account: None) -> None:
    job = make_job()
    assert tell(job, "step", step="preparing", state="started") == "applied"
    assert stands(job).status is JobStatus.RUNNING
    assert stands(job).phase == "preparing"


def test_the_phase_is_the_furthest_step_begun(account: None) -> None:
    job = make_job()
    for name in ("running", "preparing"):
        tell(job, "step", step=name, state="started")
    assert stands(job).phase == "running"


def test_a_step_has_its_times_whatever_order_its_events_come_in(account: None) -> None:
    began, ended = "2026-11-24T10:00:00Z", "2026-11-24T10:00:02.500Z"
    told = [("started", began), ("finished", ended), ("started", began)]
    seen = []
    for order in itertools.permutations(told):
        job = make_job()
        for state, at in order:
            tell(job, "step", step="running", state=state, at=at)
        seen.append(step(job, "running"))
    assert all(one == seen[0] for one in seen)
    assert (seen[0]["state"], seen[0]["duration_seconds"]) == ("finished", 2.5)


def test_an_ended_step_is_not_ended_again(account: None) -> None:
    job = make_job()
    tell(job, "step", step="running", state="failed")
    tell(job, "step", step="running", state="finished")
    assert step(job, "running")["state"] == "failed"


def test_unknown_steps_are_kept_behind_the_known_ones_under_a_safe_name(account: None) -> None:
    job = make_job()
    tell(job, "step", step="Über-Step <1>", state="started", detail={"n": 1})
    last = steps.time_line(stands(job))["steps"][-1]
    assert (last["step"][:12], last["title"], last["detail"]) == ("_ber_step_1_", "Über-Step <1>", '{"n":1}')


@pytest.mark.parametrize("detail", ['{"n": ' + "9" * 4000 + "}", '{"n": 1e999, "m": NaN}'])
def test_a_detail_of_absurd_numbers_is_kept_as_text(account: None, detail: str) -> None:
    job = make_job()
    event = json.dumps(
        {"kind": "step", "job": job.job_id, "run": 1, "step": "running", "state": "started", "at": TIME}
    )
    assert events.take_in(event[:-1] + f', "detail": {detail}}}') == "applied"
    assert len(step(job, "running")["detail"]) in range(5, 301)


def test_titles_without_latin_letters_stay_apart(account: None) -> None:
    job = make_job()
    for title in ("Подготовка", "Выполнение"):
        tell(job, "step", step=title, state="started")
    assert [step["title"] for step in steps.time_line(stands(job))["steps"][-2:]] == [
        "Подготовка",
        "Выполнение",
    ]


def test_steps_that_never_came_are_not_called_done(account: None) -> None:
    job = make_job()
    tell(job, "step", step="running", state="started")
    assert step(job, "preparing")["state"] == "pending"
    tell(job, "terminal", status="failed", error={"code": "memory", "message": "out of memory\nmore"})
    assert step(job, "preparing")["state"] == "not_reported"
    assert step(job, "running")["state"] == "interrupted"
    assert steps.time_line(stands(job))["first_error_line"] == "out of memory"


def test_the_first_error_line_is_found_behind_the_usage_and_in_the_logs(account: None) -> None:
    job = make_job()
    usage = "USAGE\n" + "  blastn [-h]\n" * 200 + 'Error: Argument "evalue". Illegal value'
    tell(job, "terminal", status="failed", error={"code": "query", "message": usage, "exit_code": 1})
    line = steps.time_line(stands(job))
    assert line["first_error_line"] == 'Error: Argument "evalue". Illegal value'
    assert line["error"]["exit_code_meaning"] == "an error in the query or the options"
    other = make_job()
    tell(other, "log", step="running", sequence=0, lines=["starting", "Error: no space left on device"])
    tell(other, "terminal", status="failed", error={"code": "unknown"})
    assert steps.time_line(stands(other))["first_error_line"] == "Error: no space left on device"


def test_a_time_before_all_reckoning_is_kept_as_it_is(account: None) -> None:
    job = make_job()
    tell(job, "step", step="running", state="started", at="0001-01-01T00:00:00Z")
    assert step(job, "running")["started_at"] == "0001-01-01T00:00:00.000000Z"


def test_a_late_start_does_not_change_what_the_end_said(account: None) -> None:
    job = make_job()
    tell(job, "step", step="running", state="finished", detail="12 of 12")
    tell(job, "step", step="running", state="started", detail="0 of 12")
    assert step(job, "running")["detail"] == "12 of 12"


def test_an_end_is_recorded_once_and_asks_for_artifacts(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    error = {"code": "blast_database", "message": "no such database", "exit_code": 2}
    assert tell(job, "terminal", status="failed", error=error) == "applied"
    ended = stands(job)
    assert (ended.status, ended.error_code, ended.exit_code) == (JobStatus.FAILED, "blast_database", 2)
    assert ended.finished_at == "2026-11-24T10:00:00.000000Z"
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert (standing.status, standing.owner) == (SentinelStatus.PENDING, job.owner)
    assert [work.kind for work in due.overdue(clock.later(1e6))] == [due.Kind.FINALIZE]
    assert tell(job, "terminal", status="completed") == "applied"
    assert stands(job) == ended


def test_no_event_takes_a_job_back(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    tell(job, "step", step="preparing", state="started")
    assert stands(job).status is JobStatus.COMPLETED


@pytest.mark.parametrize("run", [2, 7])
def test_events_of_another_run_change_nothing(account: None, run: int) -> None:
    job = make_job(run=3)
    assert tell(job, "step", run=run, step="running", state="started") == "stale"
    assert tell(job, "terminal", run=run, status="failed") == "stale"
    assert stands(job) == job


def test_events_of_a_deleted_or_unknown_job_change_nothing(account: None) -> None:
    job = make_job(JobStatus.DELETED)
    assert tell(job, "terminal", status="completed") == "stale"
    assert stands(job) == job
    assert tell(replace(job, job_id="unknown-job"), "step", step="running", state="started") == "stale"
    assert sentinel.find("unknown-job") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"kind": "dance", "job": "12345678", "run": 1}',
        '{"kind": "terminal", "job": "due", "run": 1, "status": "completed", "at": "2026-11-24T10:00:00Z"}',
        '{"kind": "terminal", "job": "12345678", "run": 0, "status": "completed", "at": "2026-11-24T10:00Z"}',
        '{"kind": "terminal", "job": "12345678", "run": 1, "status": "running", "at": "2026-11-24T10:00Z"}',
        '{"kind": "step", "job": "12345678", "run": 1, "step": "a", "state": "started", "at": "now"}',
        '{"kind": "terminal", "job": "12345678", "run": 1, "status": "failed", '
        '"at": "0001-01-01T00:00:00+14:00"}',
        "[" * 100_000,
        '{"kind": "step", "job": "12345678", "run": 1, "step": "a", "state": "started", '
        '"at": "2026-11-24T10:00:00Z", "owner": "me"}',
    ],
)
def test_what_is_no_event_is_recorded_and_let_go(
    account: None, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert events.take_in(text) == "malformed"
    assert "event refused" in caplog.text


def test_the_steps_of_a_job_fit_their_row(account: None) -> None:
    job = make_job()
    for number in range(60):
        tell(job, "step", step=f"step {number}", state="started", detail="ü" * 5000)
    assert len(steps.time_line(stands(job))["steps"]) == 50 + len(STEPS)


def test_steps_that_are_too_long_for_their_row_are_left_out(account: None) -> None:
    job = make_job()
    for number in range(50):
        assert tell(job, "step", step=f"{number} {'x' * 190}", state="started", detail='"' * 300) == "applied"
    assert len(STEPS) + 20 < len(steps.time_line(stands(job))["steps"]) < len(STEPS) + 50


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "step\nERROR forged"},
        {"kind": "step", "x\n2026-11-24 INFO forged" * 900: 1},
        {"kind": "step", "job": "a\r\nforged", "run": "\u2028forged"},
        {"specversion": "1.0", "type": "\nforged"},
    ],
    ids=["kind", "field", "job", "marker"],
)
def test_a_refused_message_writes_one_short_line_whatever_it_holds(
    fields: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert events.take_in(json.dumps(fields)) == "malformed"
    (line,) = [record.getMessage() for record in caplog.records if "event refused" in record.getMessage()]
    assert line.isprintable()
    assert len(line) < 1000
