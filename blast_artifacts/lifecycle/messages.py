"""The messages between the pipeline and us: one JSON object each, unknown fields refused, times in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from blast_artifacts.terms import ID_PATTERN, JobStatus, StepState
from shared.settings import settings
from shared.storage import queue

JobId = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Run = Annotated[int, Field(ge=1, le=1_000_000)]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class StepEvent(Message):
    """From the pipeline: a step began or ended."""

    kind: Literal["step"]
    job: JobId
    run: Run
    step: Annotated[str, Field(min_length=1, max_length=200)]
    state: StepState
    at: datetime
    detail: dict[str, Any] | str | None = None


class Failure(Message):
    """Why a run failed; `exit_code` is BLAST's own."""

    code: Annotated[str, Field(min_length=1, max_length=64)]
    message: Annotated[str, Field(max_length=8192)] = ""
    exit_code: int | None = None


class TerminalEvent(Message):
    """From the pipeline: the run has come to its end."""

    kind: Literal["terminal"]
    job: JobId
    run: Run
    status: Literal[JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]
    at: datetime
    error: Failure | None = None


class Finalize(Message):
    """To ourselves, or from a producer that writes the job row itself: make this job's artifacts."""

    job: JobId
    run: Run | None = None


Event = Annotated[StepEvent | TerminalEvent, Field(discriminator="kind")]
EVENT: TypeAdapter[StepEvent | TerminalEvent] = TypeAdapter(Event)


def send_search(message: Search) -> None:
    queue(settings().submit_queue).send_message(message.model_dump_json())


def send_finalize(job_id: str, run: int) -> None:
    queue(settings().artifacts_queue).send_message(Finalize(job=job_id, run=run).model_dump_json())
