"""One line of JSON in the log for each action: what was done, to which job, what came of it, in what time.

The queries in infra/ read these lines; the host adds the invocation's id to each.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

log = logging.getLogger("actions")

_under_way: ContextVar[dict[str, Any] | None] = ContextVar("action", default=None)


@contextmanager
def action(name: str, **fields: Any) -> Iterator[None]:
    """Write a line when the body is over, with these fields, what was noted meanwhile, and the seconds."""
    line: dict[str, Any] = {"action": name, "outcome": None, **fields}
    token = _under_way.set(line)
    began = time.monotonic()
    try:
        yield
    except BaseException as error:
        line["outcome"], line["error"] = "raised", type(error).__name__
        raise
    finally:
        _under_way.reset(token)
        line["seconds"] = round(time.monotonic() - began, 4)
        known = {field: value for field, value in line.items() if value is not None}
        log.info(json.dumps(known, ensure_ascii=False, separators=(",", ":"), default=str))


def note(**fields: Any) -> None:
    """Add fields to the line of the action under way; nothing where there is none."""
    line = _under_way.get()
    if line is not None:
        line.update(fields)


def note_largest(**fields: float) -> None:
    """Add figures of which the line is to have the largest."""
    line = _under_way.get()
    if line is not None:
        line.update({name: max(value, line.get(name, value)) for name, value in fields.items()})
