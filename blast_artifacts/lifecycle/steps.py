"""Execution steps: what the pipeline said of each step of the current run, and the time line made of it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from blast_artifacts.lifecycle import artifacts, jobs, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import StepEvent
from blast_artifacts.reading.log_text import first_error_line, in_words, plain_lines, without_secrets
from blast_artifacts.terms import SCHEMA_VERSION, STEPS, ArtifactState, ArtifactType, JobStatus, StepState
from shared import clock, codec, rows
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)

STEPS_KEY = "steps"
_MOST_STEPS = 50
_LONGEST_DETAIL = 300
_LONGEST_NAME = 40
_LONGEST_ROW = 30_000

_COUNTS = ("files", "bytes", "rows", "rejected", "not_whole_total")
_NO_SOURCES = {**dict.fromkeys(_COUNTS, 0), "by_state": {}, "not_whole": []}

Steps = dict[str, dict[str, Any]]


def record(event: StepEvent) -> bool:
    """Keep what the event says; False where it is about no live job or another run."""
    name = step_name(event.step)
    phase = name if event.state is StepState.STARTED else None
    job = jobs.change(event.job, event.run, lambda job: _in_phase(job, phase, clock.to_text(event.at)))
    if job is None:
        return False
    _tell(job, name, lambda step: _step_after(step, event))
    return True


def announce_last(job: Job, name: str, sequence: int) -> None:
    """Keep that the step's log ends with the chunk `sequence`; of several ends the highest holds."""
    _merge(job, name, lambda step: {**step, "last_log": max(sequence, step.get("last_log", 0))})


def last_announced(job: Job, name: str) -> int | None:
    """The sequence of the step's last log chunk, null until it is announced."""
    last: int | None = _kept(job).get(name, {}).get("last_log")
    return last


def step_name(title: str) -> str:
    """The name that a step of that title is kept under: `[a-z0-9_]{1,40}`.

    A title that loses letters keeps a digest of itself, so that two of them stay two.
    """
    name = re.sub(r"[^a-z0-9_]+", "_", title.lower())
    if name == re.sub(r"[ _-]+", "_", title.lower()) and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}_{codec.digest(title.encode())[:8]}"


def time_line(job: Job) -> dict[str, Any]:
    """The body of the execution steps, live or as the artifact: known steps in order, then others.

    A step that never came is `pending` while the job runs and `not_reported` after its end; one that the end
    of the job cut off is `interrupted`.
    """
    kept = _kept(job)
    names = [*STEPS, *(name for name in kept if name not in STEPS and "state" in kept[name])]
    steps = [_served(name, kept.get(name, {}), job.is_terminal) for name in names]
    ended = all(step["state"] not in ("started", "interrupted", "pending") for step in steps)
    return {
        "schema_version": SCHEMA_VERSION,
        "job_id": job.job_id,
        "run": job.run,
        "complete": job.is_terminal and ended,
        "sources": _NO_SOURCES,
        "warnings": [],
        "status": job.status,
        "phase": job.phase,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "duration_seconds": _seconds(job.created_at, job.finished_at),
        "error": failure(job),
        "first_error_line": _first_error_line(job, kept),
        "steps": steps,
    }


def failure(job: Job) -> dict[str, Any] | None:
    """Why the job failed, BLAST's exit code in words beside it; null where it did not."""
    if job.error_code is None:
        return None
    words = None if job.exit_code is None else in_words(job.exit_code)
    return {
        "code": job.error_code,
        "message": job.error,
        "exit_code": job.exit_code,
        "exit_code_meaning": words,
    }


def note_error(job: Job, name: str, line: str) -> None:
    """Keep the first line of the step's log that names an error."""
    _tell(job, name, lambda step: {"error_line": line[:_LONGEST_DETAIL], **step})


def is_told(job: Job) -> bool:
    """Whether the published time line, where there is one, says what is known of the run now."""
    published = artifacts.find(job.job_id, ArtifactType.EXECUTION_STEPS)
    if published is None or published.run != job.run or published.status is not ArtifactState.READY:
        return True
    try:
        stored = artifacts.stored_bytes(published)
    except artifacts.BlobGone:
        return False
    return codec.unpack(stored) == codec.to_json(time_line(job))


def _first_error_line(job: Job, kept: Steps) -> str | None:
    """From what the pipeline gave as the reason, else a failed step, else the logs; null without an error."""
    if job.error_code is None:
        return None
    details = [step.get("detail") or "" for step in kept.values() if step.get("state") == StepState.FAILED]
    logged = [step["error_line"] for step in kept.values() if "error_line" in step]
    lines = plain_lines(job.error or "")
    named = first_error_line([job.error_line or "", *lines, *details, *logged])
    return named or next(iter([*lines, *filter(None, details)]), None)


def _in_phase(job: Job, phase: str | None, at: str) -> Job | None:
    """The job running since `at` or before, in `phase` unless it is in a later one."""
    current = job.moved(JobStatus.RUNNING) or job
    if current.started_at is None or at < current.started_at:
        current = replace(current, started_at=at)
    if phase and not current.is_terminal and _order(phase) >= _order(current.phase):
        current = replace(current, phase=phase)
    return None if current == job else replace(current, updated_at=clock.to_text(clock.now()))


def _order(name: str | None) -> int:
    if name is None:
        return -1
    return STEPS.index(name) if name in STEPS else len(STEPS)


def _tell(job: Job, name: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Change one step; a time line that was published before that is built anew."""
    if _merge(job, name, change):
        job = jobs.get_summary(job.job_id) or job
    if job.is_terminal and not is_told(job):
        terminal.ask_later(job)


def _merge(job: Job, name: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> bool:
    """Change one step as the row has it; False where nothing had to be written."""
    states = table(settings().job_state_table)
    for _ in rows.tries():
        row = rows.find(states, job.job_id, STEPS_KEY)
        if row is not None and row.get("run") > job.run:
            return False
        current = row is not None and row.get("run") == job.run
        steps: Steps = codec.from_json(row.get("steps")) if row is not None and current else {}
        if name not in steps and len(steps) >= _MOST_STEPS:
            return False
        merged = change(steps.get(name, {}))
        if merged == steps.get(name):
            return False
        steps[name] = merged
        text = codec.to_json(steps).decode()
        if len(text.encode("utf-16-le")) > 2 * _LONGEST_ROW:
            log.warning("the steps of job %s are too long for their row: %s left out", job.job_id, name)
            return False
        values = {"run": job.run, "steps": text}
        try:
            if row is None:
                rows.insert(states, job.job_id, STEPS_KEY, values)
            else:
                rows.replace(states, row, values)
        except rows.Conflict:
            continue
        return True
    raise rows.Conflict(f"steps of job {job.job_id} are changed too often")


def _step_after(step: Mapping[str, Any], event: StepEvent) -> dict[str, Any]:
    """The step with the event taken in: an end is not undone by a late start, nor by another end."""
    merged = {"title": event.step, **step}
    at = clock.to_text(event.at)
    if event.state is StepState.STARTED:
        merged.setdefault("started_at", at)
        merged.setdefault("state", event.state)
        if "finished_at" in merged:
            return merged
    elif "finished_at" not in merged:
        merged |= {"state": event.state, "finished_at": at}
    else:
        return merged
    if event.detail is not None:
        text = event.detail if isinstance(event.detail, str) else _compact(event.detail)
        merged["detail"] = without_secrets(text)[:_LONGEST_DETAIL]
    return merged


def _compact(detail: Mapping[str, Any]) -> str:
    """As JSON; a number may be larger than the faster writer takes."""
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":"))


def _kept(job: Job) -> Steps:
    row = rows.find(table(settings().job_state_table), job.job_id, STEPS_KEY)
    if row is None or row.get("run") != job.run:
        return {}
    steps: Steps = codec.from_json(row.get("steps"))
    return steps


def _served(name: str, step: Mapping[str, Any], job_is_over: bool) -> dict[str, Any]:
    state = step.get("state", "not_reported" if job_is_over else "pending")
    if state == StepState.STARTED and job_is_over:
        state = "interrupted"
    return {
        "step": name,
        "title": step.get("title", name),
        "state": state,
        "started_at": step.get("started_at"),
        "finished_at": step.get("finished_at"),
        "duration_seconds": _seconds(step.get("started_at"), step.get("finished_at")),
        "detail": step.get("detail"),
    }


def _seconds(start: str | None, end: str | None) -> float | None:
    if not (start and end):
        return None
    return round((clock.from_text(end) - clock.from_text(start)).total_seconds(), 3)
