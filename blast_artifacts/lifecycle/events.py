"""Events from the pipeline: twice, late, out of order, of an older run, or no event at all."""

from __future__ import annotations

import logging
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from blast_artifacts.lifecycle import adoption, logs, steps, terminal
from blast_artifacts.lifecycle.messages import EVENT, BlobCreated, LogEvent, StepEvent
from shared.log_lines import note
from shared.settings import settings

log = logging.getLogger(__name__)

_LONGEST_SAID = 200


def take_in(text: str | bytes) -> str:
    """Apply one event and say what became of it: `applied`, `stale` or `malformed`.

    A message that is no event will be none the next time either: it is recorded in the log and let go.
    """
    try:
        value = from_json(text)
        if isinstance(value, dict) and "specversion" in value:
            return _marker(BlobCreated.model_validate(value))
        event = EVENT.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the top"
        log.error("event refused: %s at %s of %s", _short(fault["msg"]), _short(where), _named(value))
        return "malformed"
    except ValueError as error:
        log.error("event refused: %s", error)
        return "malformed"
    note(kind=event.kind, job=event.job, run=event.run)
    known = _apply(event)
    if not known:
        log.warning("event %s of job %s run %d is about no live run", event.kind, event.job, event.run)
    return "applied" if known else "stale"


def _short(text: str) -> str:
    """Words of a message as they may stand in a line of the log."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST_SAID])


def _named(value: Any) -> str:
    """As much of a refused event as tells whose it was."""
    if not isinstance(value, dict):
        return "a message that is no object"
    named = {name: str(value.get(name))[:64] for name in ("kind", "job", "run", "type")}
    return ", ".join(f"{name} {text!r}" for name, text in named.items() if text != "None")


def _apply(event: Any) -> bool:
    if isinstance(event, LogEvent):
        return logs.record(event)
    if isinstance(event, StepEvent):
        return steps.record(event)
    return terminal.end(event) is not None


def _marker(event: BlobCreated) -> str:
    """A marker of a run's end; any other blob is not our concern."""
    path = event.path_in(settings().results_container)
    prefix = adoption.marker_prefix(path) if path else None
    if prefix is None:
        return "stale"
    job = adoption.see_marker(prefix)
    note(kind="marker", job=job.job_id if job else None, run=job.run if job else None)
    return "applied" if job else "stale"
