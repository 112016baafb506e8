"""Events from the pipeline: twice, late, out of order, of an older run, or no event at all."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from blast_artifacts.lifecycle import logs, steps, terminal
from blast_artifacts.lifecycle.messages import EVENT, LogEvent, StepEvent

log = logging.getLogger(__name__)


def take_in(text: str | bytes) -> str:
    """Apply one event and say what became of it: `applied`, `stale` or `malformed`.

    A message that is no event will be none the next time either: it is recorded in the log and let go.
    """
    try:
        event = EVENT.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        log.error("event refused: %s at %s", fault["msg"], ".".join(map(str, fault["loc"])) or "the top")
        return "malformed"
    if isinstance(event, LogEvent):
        known = logs.record(event)
    elif isinstance(event, StepEvent):
        known = steps.record(event)
    else:
        known = terminal.end(event) is not None
    if not known:
        log.warning("event %s of job %s run %d is about no live run", event.kind, event.job, event.run)
    return "applied" if known else "stale"
