"""The messages between the pipeline and us: one JSON object each, unknown fields refused, times in UTC."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from blast_artifacts.terms import ID_PATTERN, JobStatus, StepState
from shared.settings import settings
from shared.storage import queue

LAST_SEQUENCE = 999_999
INLINE_BYTES = 32 * 1024


def _in_utc(moment: datetime) -> datetime:
    """A time without a zone is UTC; one that UTC has not got is none."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such time in UTC") from error


At = Annotated[datetime, AfterValidator(_in_utc)]
JobId = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Run = Annotated[int, Field(ge=1, le=1_000_000)]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class Search(Message):
    """To the pipeline: run this search. At least once; keyed by (job, run)."""

    kind: Literal["search"] = "search"
    job: JobId
    run: Run
    program: str
    database: str
    query: str
    results: str
    options: dict[str, Any]


class Cancel(Message):
    """To the pipeline: stop that run and tell of its end."""

    kind: Literal["cancel"] = "cancel"
    job: JobId
    run: Run


class StepEvent(Message):
    """From the pipeline: a step began or ended."""

    kind: Literal["step"]
    job: JobId
    run: Run
    step: Annotated[str, Field(min_length=1, max_length=200)]
    state: StepState
    at: At
    detail: dict[str, Any] | str | None = None


class LogEvent(Message):
    """From the pipeline: lines of a step, or the blob of the results container that holds them."""

    kind: Literal["log"]
    job: JobId
    run: Run
    step: Annotated[str, Field(min_length=1, max_length=200)]
    sequence: Annotated[int, Field(ge=0, le=LAST_SEQUENCE)]
    last: bool = False
    lines: list[str] | None = None
    blob: Annotated[str, Field(min_length=1, max_length=1024)] | None = None

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.lines is None) == (self.blob is None):
            raise ValueError("a log event has either lines or a blob")
        if sum(len(line.encode()) + 1 for line in self.lines or ()) > INLINE_BYTES:
            raise ValueError(f"the lines of a log event are over {INLINE_BYTES} bytes: send a blob")
        return self


class Failure(Message):
    """Why a run failed; `exit_code` is BLAST's own."""

    code: Annotated[str, Field(min_length=1, max_length=64)]
    message: Annotated[str, Field(max_length=8192)] = ""
    exit_code: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] | None = None


class TerminalEvent(Message):
    """From the pipeline: the run has come to its end."""

    kind: Literal["terminal"]
    job: JobId
    run: Run
    status: Literal[JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]
    at: At
    error: Failure | None = None


class Finalize(Message):
    """To ourselves, or from a producer that writes the job row itself: make this job's artifacts."""

    job: JobId
    run: Run | None = None


class MakeExport(Message):
    """To ourselves: make the export whose row has that key."""

    job: JobId
    run: Run
    export: Annotated[str, Field(pattern=r"^export\|[0-9a-f]{32}$")]


Build = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class BuildPart(Message):
    """To ourselves: build that part of a fanned-out build; parts count from 0."""

    job: JobId
    run: Run
    build: Build
    part: Annotated[int, Field(ge=0, le=99_999)]


class MergeParts(Message):
    """To ourselves: the parts of that build are over, merge them."""

    job: JobId
    run: Run
    build: Build
    merge: Literal[True]


class BlobCreated(BaseModel):
    """From Event Grid, as a CloudEvent: a blob was written. Fields that we do not need are let be."""

    model_config = ConfigDict(frozen=True)

    specversion: str
    type: Literal["Microsoft.Storage.BlobCreated"]
    subject: Annotated[str, Field(max_length=4096)]

    def path_in(self, container_name: str) -> str | None:
        """The blob's path in that container; None where it lies in another."""
        return self.subject.partition(f"/containers/{container_name}/blobs/")[2] or None


Event = Annotated[StepEvent | LogEvent | TerminalEvent, Field(discriminator="kind")]
Work = Finalize | MakeExport | BuildPart | MergeParts
WORK: TypeAdapter[Work] = TypeAdapter(Work)
EVENT: TypeAdapter[StepEvent | LogEvent | TerminalEvent] = TypeAdapter(Event)


_CLOCKS_APART = 2
"""Seconds that the clock of who takes a message may lie behind storage's, or it comes too early once more."""


def to_pipeline(message: Search | Cancel) -> None:
    queue(settings().submit_queue).send_message(message.model_dump_json())


def send_again(queue_name: str, text: str | bytes, seconds: float) -> None:
    """Put a message back on its queue, to be seen there in some seconds."""
    plain = text if isinstance(text, str) else text.decode()
    queue(queue_name).send_message(plain, visibility_timeout=int(seconds))


def oldest_work() -> datetime | None:
    """When the first message that waits for its turn was sent, by storage's clock, in whole seconds."""
    first = queue(settings().artifacts_queue).peek_messages()
    return next((one.inserted_on for one in first), None)


def is_waiting(asked_at: datetime | None, oldest: datetime | None) -> bool:
    """Whether what was asked for then may still wait for its turn: the first in the queue is older."""
    return bool(asked_at and oldest and oldest < asked_at.replace(microsecond=0))


def send_finalize(job_id: str, run: int, hold: float = 0) -> None:
    """Ask for a run's artifacts, once a hold of so many seconds has passed."""
    _send_work(Finalize(job=job_id, run=run), hold)


def send_export(job_id: str, run: int, key: str, hold: float = 0) -> None:
    """Ask for an export, once a hold of so many seconds has passed."""
    _send_work(MakeExport(job=job_id, run=run, export=key), hold)


def send_part(job_id: str, run: int, build: str, part: int, hold: float = 0) -> None:
    """Ask for a part, once a hold of so many seconds has passed."""
    _send_work(BuildPart(job=job_id, run=run, build=build, part=part), hold)


def send_merge(job_id: str, run: int, build: str, hold: float = 0) -> None:
    """Ask for the merge of a build, once a hold of so many seconds has passed."""
    _send_work(MergeParts(job=job_id, run=run, build=build, merge=True), hold)


def _send_work(message: Work, hold: float = 0) -> None:
    seconds = math.ceil(hold) + _CLOCKS_APART if hold else 0
    send_again(settings().artifacts_queue, message.model_dump_json(), seconds)
