"""The list of an owner's jobs, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from blast_artifacts.lifecycle import index, jobs
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus

_READERS = 8
_MOST_LOOKED_AT = 500


def page(owner: str, after: str, size: int, statuses: Collection[JobStatus]) -> tuple[list[Job], str | None]:
    """Up to `size` jobs behind the entry `after`, and the entry to go on behind; None at the end.

    With `statuses` only jobs in one of these. A page looks at no more than some 500 entries, so that one may
    be short, or empty, and still have a next. Entries without a live job are passed over.
    """
    at_once = max(size, _READERS) if statuses else size
    entries = index.entries(owner, after, at_once + 1)
    found: list[Job] = []
    looked_at = 0
    with ThreadPoolExecutor(_READERS) as readers:
        while chunk := list(islice(entries, at_once)):
            standing = readers.map(jobs.get_summary, [job_id for _, job_id in chunk])
            for (key, _), job in zip(chunk, standing, strict=True):
                looked_at += 1
                if job and _is_listed(job, owner, statuses):
                    found.append(job)
                if len(found) == size or looked_at >= _MOST_LOOKED_AT:
                    is_end = key == chunk[-1][0] and next(entries, None) is None
                    return found, None if is_end else key
    return found, None


def _is_listed(job: Job, owner: str, statuses: Collection[JobStatus]) -> bool:
    alive = job.status is not JobStatus.DELETED and job.owner == owner
    return alive and (not statuses or job.status in statuses)
