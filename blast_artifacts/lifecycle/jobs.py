"""The job row: what a job is and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from blast_artifacts.reading.log_text import first_error_line, without_secrets
from blast_artifacts.terms import TERMINAL, JobStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import table

SUMMARY = "summary"
_LONGEST_ERROR = 1000

_RANK = {
    JobStatus.SUBMITTING: 0,
    JobStatus.QUEUED: 1,
    JobStatus.RUNNING: 2,
    JobStatus.CANCELLING: 3,
    JobStatus.COMPLETED: 4,
    JobStatus.FAILED: 4,
    JobStatus.CANCELLED: 4,
    JobStatus.DELETED: 5,
}


@dataclass(frozen=True)
class Job:
    """One job as its row has it; times are text (shared.clock), null until they happen.

    `results_prefix` is `container/prefix/` of the current run's output, `phase` the step that it is in,
    `index_key` the row of the Idempotency-Key that it was submitted with, `warning` why it is not known
    whether the cluster had room for it.
    """

    job_id: str
    owner: str
    status: JobStatus
    run: int
    program: str
    database: str
    results_prefix: str
    created_at: str
    updated_at: str
    title: str | None = None
    phase: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    error_code: str | None = None
    error: str | None = None
    error_line: str | None = None
    exit_code: int | None = None
    index_key: str | None = None
    cancelling_since: str | None = None
    warning: str | None = None

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    def moved(self, status: JobStatus) -> Job | None:
        """This job in a later status of the same run, or None where that would be a step back."""
        if _RANK[status] <= _RANK[self.status]:
            return None
        moved = replace(self, status=status, updated_at=clock.to_text(clock.now()))
        return replace(moved, phase=None) if status in TERMINAL else moved

    def ended(
        self, status: JobStatus, at: datetime, code: str | None, error: str | None, exit_code: int | None
    ) -> Job | None:
        """This job as it ended at `at`, or None where it has ended already."""
        moved = self.moved(status)
        if moved is None:
            return None
        moved = replace(moved, finished_at=clock.to_text(at))
        if status is JobStatus.COMPLETED:
            return moved
        sentence = _sentence(error) if error else None
        line = first_error_line([error]) if error else None
        return replace(moved, error_code=code, error=sentence, error_line=line, exit_code=exit_code)

    def failed_after_all(self, at: datetime, code: str, error: str) -> Job | None:
        """This job failed where it was called completed, or None where it was not."""
        if self.status is not JobStatus.COMPLETED:
            return None
        return replace(
            self,
            status=JobStatus.FAILED,
            updated_at=clock.to_text(clock.now()),
            finished_at=clock.to_text(at),
            error_code=code,
            error=_sentence(error) or None,
            error_line=first_error_line([error]),
        )

    def deleted(self) -> Job:
        """The tombstone: what purging needs, and nothing of what was searched."""
        return replace(
            self,
            status=JobStatus.DELETED,
            updated_at=clock.to_text(clock.now()),
            title=None,
            program="",
            database="",
            phase=None,
            error_code=None,
            error=None,
            error_line=None,
            exit_code=None,
        )


def _sentence(error: str) -> str:
    return without_secrets(error)[:_LONGEST_ERROR]


def create(job: Job) -> str:
    """Write the row of a new job and return its ETag; raises Conflict where one stands."""
    return rows.insert(table(settings().job_state_table), job.job_id, SUMMARY, asdict(job))


def replace_fresh(job: Job, etag: str) -> bool:
    """Replace the version with that ETag without reading it first; False where it has moved on."""
    row = rows.Row(job.job_id, SUMMARY, {}, etag)
    try:
        rows.replace(table(settings().job_state_table), row, asdict(job))
    except rows.Conflict:
        return False
    return True


def get_summary(job_id: str) -> Job | None:
    """The job, by one point read; None where there is none. A deleted job is returned as such."""
    row = rows.find(table(settings().job_state_table), job_id, SUMMARY)
    return _job(row) if row else None


def change(job_id: str, run: int, step: Callable[[Job], Job | None]) -> Job | None:
    """Apply `step` to the job as it stands until it is written, and return the job that then stands.

    `step` gives the changed job, or None where there is nothing to do. None where there is no such job, where
    it is deleted or at another run. Raises Conflict where others keep changing it.
    """
    jobs = table(settings().job_state_table)
    for _ in rows.tries():
        row = rows.find(jobs, job_id, SUMMARY)
        job = _job(row) if row else None
        if row is None or job is None or job.status is JobStatus.DELETED or job.run != run:
            return None
        changed = step(job)
        if changed is None:
            return job
        try:
            rows.replace(jobs, row, asdict(changed))
        except rows.Conflict:
            continue
        return changed
    raise rows.Conflict(f"job {job_id} is changed too often")


def _job(row: rows.Row) -> Job:
    known = {name: value for name, value in row.values.items() if name in Job.__dataclass_fields__}
    known["status"] = JobStatus(known["status"])
    # A row that a producer wrote: without the slash, run 1 would have the files of run 10 too.
    known["results_prefix"] = known["results_prefix"].rstrip("/") + "/"
    return Job(**known)
