"""The shape of every answer that is no artifact, for the API description; answers are not made by it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus
from blast_artifacts.views.models import Artifact, WarningEntry


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457 problem details; `code` is stable. Some codes bring more fields."""

    model_config = ConfigDict(extra="allow")

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str


class JobRow(_Shape):
    """A job in the list; `phase` is the step that it is in, times are UTC and null until they happen."""

    job_id: str
    status: JobStatus
    run: int
    title: str | None
    program: str
    database: str
    phase: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobList(_Shape):
    next_cursor: str | None
    jobs: list[JobRow]


class JobFailure(_Shape):
    """Why a job failed; `exit_code` is BLAST's own, its meaning in words."""

    code: str
    message: str | None
    exit_code: int | None
    exit_code_meaning: str | None


class StateOfArtifact(_Shape):
    """`bytes` as stored; what is `failed` says why.

    `parts` while a large result is built in parts, and how many of them are over.
    """

    state: ArtifactState
    complete: bool | None = None
    bytes: int | None = None
    updated_at: datetime | None = None
    error_code: str | None = None
    error: str | None = None
    parts: int | None = None
    parts_done: int | None = None


class Links(_Shape):
    """Paths on the same host."""

    self: str
    execution_steps: str
    results: str
    aggregate: str
    queries: str
    descriptions: str
    alignments: str
    taxonomy: str


class JobSummary(JobRow):
    updated_at: datetime
    error: JobFailure | None
    warnings: list[WarningEntry]
    artifacts: dict[ArtifactType, StateOfArtifact]
    links: Links


class Deleted(_Shape):
    job_id: str
    status: Literal["deleted"]


class Step(_Shape):
    """`state`: not_reported and interrupted are those of a job that has ended."""

    step: str
    title: str
    state: Literal["pending", "started", "finished", "skipped", "failed", "not_reported", "interrupted"]
    started_at: datetime | None
    finished_at: datetime | None
    duration_seconds: float | None
    detail: str | None


class ExecutionSteps(Artifact):
    """The time line of the current run; steps come from events, so that `sources` are none."""

    status: JobStatus
    phase: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration_seconds: float | None
    error: JobFailure | None
    first_error_line: str | None
    steps: list[Step]


class Gap(_Shape):
    """Sequences that are not there, both ends inclusive."""

    from_: int = Field(alias="from")
    to: int


class LogChunkEntry(_Shape):
    sequence: int
    bytes: int
    href: str


class LogIndex(_Shape):
    """The chunks that are there and whether these are all; `last` is null until it is announced."""

    schema_version: int
    job_id: str
    run: int
    step: str
    last: int | None
    whole: bool
    missing: list[Gap]
    count: int
    chunks: list[LogChunkEntry]


class LogChunk(_Shape):
    schema_version: int
    job_id: str
    run: int
    step: str
    sequence: int
    state: Literal["whole", "cut", "blob_missing"]
    lines: list[str]


class NotYet(_Shape):
    """What stands of the job where a view cannot be had yet."""

    job_id: str
    run: int
    status: JobStatus
    state: ArtifactState


class Link(_Shape):
    """A link that needs no caller; it holds for five minutes."""

    url: str
    expires_at: datetime


class Health(_Shape):
    """`faults`: what is missing, forbidden or unreachable, by name."""

    status: Literal["healthy", "unhealthy"]
    faults: dict[str, Literal["missing", "forbidden", "unreachable"]]
