"""The pipeline's side of the queues: searches and cancellations in, events out."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from blast_artifacts.lifecycle.messages import (
    INLINE_BYTES,
    Cancel,
    Failure,
    LogEvent,
    Message,
    Search,
    StepEvent,
    TerminalEvent,
)
from blast_artifacts.terms import JobStatus, StepState
from local.pipeline.failures import SearchFailed
from shared import clock
from shared.settings import settings
from shared.storage import queue

LONGEST_LINE = 2_000

End = Literal[JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]


_REQUEST: TypeAdapter[Search | Cancel] = TypeAdapter(Annotated[Search | Cancel, Field(discriminator="kind")])


def parse(content: str) -> Search | Cancel:
    """The message in a queue's base64. Raises ValueError where it is none."""
    try:
        text = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    return _REQUEST.validate_json(text)


class Reporter:
    """Sends the events of one run."""

    def __init__(self, job: str, run: int) -> None:
        self._job = job
        self._run = run
        self._sequences: dict[str, int] = {}

    def step(self, step: str, state: StepState, detail: dict[str, object] | None = None) -> None:
        at = clock.now()
        event = StepEvent(
            kind="step", job=self._job, run=self._run, step=step, state=state, at=at, detail=detail
        )
        _send(event)

    def log(self, step: str, lines: list[str], last: bool = False) -> None:
        """Lines of a step, cut into messages that a queue can hold."""
        chunk: list[str] = []
        size = 0
        for line in (line[:LONGEST_LINE] for line in lines):
            if size + len(line.encode()) + 4 > INLINE_BYTES:
                self._send_log(step, last=False, lines=chunk)
                chunk, size = [], 0
            chunk.append(line)
            size += len(line.encode()) + 4
        self._send_log(step, last=last, lines=chunk)

    def log_blob(self, step: str, blob: str) -> None:
        """A log that lies in the results container already."""
        self._send_log(step, last=False, blob=blob)

    def has_logged(self, step: str) -> bool:
        return step in self._sequences

    def ended(self, status: End, failure: SearchFailed | None = None) -> None:
        error = None
        if failure is not None:
            error = Failure(code=failure.code, message=failure.message[:8192], exit_code=failure.exit_code)
        at = clock.now()
        event = TerminalEvent(
            kind="terminal", job=self._job, run=self._run, status=status, at=at, error=error
        )
        _send(event)

    def _send_log(
        self, step: str, last: bool, lines: list[str] | None = None, blob: str | None = None
    ) -> None:
        sequence = self._sequences.get(step, 0)
        self._sequences[step] = sequence + 1
        event = LogEvent(
            kind="log",
            job=self._job,
            run=self._run,
            step=step,
            sequence=sequence,
            last=last,
            lines=lines,
            blob=blob,
        )
        _send(event)


def _send(event: Message) -> None:
    queue(settings().events_queue).send_message(event.model_dump_json(exclude_none=True))
