"""The words of the domain that are stored or served: statuses, states, types, reasons."""

from __future__ import annotations

from enum import StrEnum

SCHEMA_VERSION = 1
"""Moves when the meaning of a served field does."""

BUILDER_VERSION = 6
"""Moves when the same input gives other bytes."""

ID_PATTERN = r"[a-z0-9][a-z0-9-]{7,63}"
"""Of job ids and build tokens; no underscore, which separates the fields of a due key."""


class JobStatus(StrEnum):
    SUBMITTING = "submitting"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class StepState(StrEnum):
    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"
    FAILED = "failed"


STEPS = ("preparing", "warming_up", "configuring", "staging_db", "submitting", "running", "exporting_results")
"""The steps every pipeline has, in order; others are kept as they come."""


class ArtifactState(StrEnum):
    MISSING = "missing"
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class SentinelStatus(StrEnum):
    """How far the finalization of a run is; `deleted` fences every build of a job that is gone."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


class ArtifactType(StrEnum):
    EXECUTION_STEPS = "execution_steps"
    MANIFEST = "result_manifest"
    AGGREGATE = "result_aggregate"
    QUERIES = "result_queries"
    DESCRIPTIONS = "result_descriptions"
    ALIGNMENTS = "result_alignments"
    TAXONOMY = "result_taxonomy"
    PARTS = "parts"


class FileState(StrEnum):
    """What became of one result file."""

    READ = "read"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    EMPTY = "empty"


class QueryStatus(StrEnum):
    HITS = "hits"
    NO_HITS = "no_hits"
    PARTIAL = "partial"
    UNREAD = "unread"
    NOT_SEARCHED = "not_searched"


class EndProof(StrEnum):
    """Whether a file shows that its writer came to the end (blast-output.md 1.11)."""

    PROVED = "proved"
    MISSING = "missing"
    NONE = "none"
