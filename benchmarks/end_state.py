"""What must hold of jobs and their storage once all is over, whatever happened on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from benchmarks.searches import counts
from blast_artifacts.lifecycle import artifacts, due, jobs, sentinel
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus, SentinelStatus
from shared import clock, codec, rows
from shared.settings import settings
from shared.storage import container, queue, table

_FAR = 10 * 365 * 86_400.0
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Expected:
    """How a job is to end, and what a clean run counts of its results."""

    status: JobStatus
    counts: Mapping[str, Any]


def settle(expected: Mapping[str, Expected], seconds: float) -> list[str]:
    """What is wrong when all is over, or after that many seconds; empty where nothing is.

    Every job is `ready`, or `failed` with a reason; each set of artifacts is whole and of one build, its
    blobs stand as their rows tell, and it counts what a clean run counts; nothing is pending or left over.
    """
    end = time.monotonic() + seconds
    while True:
        late = time.monotonic() > end
        found = pending(list(expected))
        if late or not found:
            found += [line for job_id, one in expected.items() for line in wrong(job_id, one)]
        if late or not found:
            return found
        time.sleep(_LOOK_SECONDS)


def pending(job_ids: Sequence[str]) -> list[str]:
    """Messages and due work that are left, and sentinels whose build is still to come."""
    given = settings()
    found = []
    for name in (given.submit_queue, given.events_queue, given.artifacts_queue):
        for each in (name, f"{name}-poison"):
            if waiting := _messages(each):
                found.append(f"{waiting} messages on {each}")
    due_rows = due.overdue(clock.later(_FAR))
    found += [f"{work.job_id}: due {work.kind}" for work in due_rows if work.kind is not Kind.PURGE]
    for job_id in job_ids:
        standing = sentinel.find(job_id)
        if standing is None or standing.status is SentinelStatus.PENDING:
            found.append(f"{job_id}: {standing.status if standing else 'no sentinel'}")
    return found


def wrong(job_id: str, expected: Expected) -> Iterator[str]:
    """Sentences about what is not as it must be with one job."""
    job, standing = jobs.get_summary(job_id), sentinel.find(job_id)
    if job is None or job.status is not expected.status:
        yield f"{job_id}: {job.status if job else 'no row'}, not {expected.status}"
        return
    if standing is None or not standing.settles(job):
        yield f"{job_id}: its sentinel is {standing.status if standing else 'missing'}"
        return
    if standing.status is SentinelStatus.FAILED and not (standing.error_code and standing.error):
        yield f"{job_id}: failed without a reason"
    found = artifacts.of_job(job_id)
    if standing.status is SentinelStatus.READY:
        yield from _not_whole(standing, found)
    gone = list(_without_blobs(job_id, found))
    yield from gone
    if job.status is JobStatus.COMPLETED and set(found) == set(ArtifactType) and not gone:
        yield from _miscounted(job_id, found, expected.counts)
    yield from _left_over(job_id, job.run, {row.build for row in found.values()})


def _not_whole(standing: Sentinel, found: Mapping[ArtifactType, Artifact]) -> Iterator[str]:
    if lacking := set(ArtifactType) - set(found):
        yield f"build {standing.build} lacks {', '.join(sorted(lacking))}"
    if {row.build for row in found.values()} != {standing.build}:
        yield f"build {standing.build} is published with rows of others"
    for kind, row in found.items():
        if row.status is not ArtifactState.READY and not row.error:
            yield f"build {standing.build}: {kind} is {row.status} without a reason"


def _without_blobs(job_id: str, found: Mapping[ArtifactType, Artifact]) -> Iterator[str]:
    """The rows' blobs as they were written, and the parts that they lead to."""
    blobs = container(settings().artifacts_container)
    for kind, row in found.items():
        if row.blob is None:
            continue
        try:
            stored = bytes(blobs.download_blob(row.blob, decompress=False).readall())
        except ResourceNotFoundError:
            yield f"{job_id}: {row.blob} is gone"
            continue
        if (codec.digest(stored), len(stored)) != (row.sha256, row.size):
            yield f"{job_id}: {row.blob} is not what its row tells"
        elif kind is ArtifactType.PARTS:
            for path, size in _tables_of(codec.from_json(codec.unpack(stored))):
                blob = blobs.get_blob_client(path)
                if not blob.exists() or blob.get_blob_properties().size != size:
                    yield f"{job_id}: {path} is gone, or not of its size"


def _tables_of(parts: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for part in parts["parts"]:
        for each in part["tables"].values():
            yield each["path"], each["size"]


def _miscounted(
    job_id: str, found: Mapping[ArtifactType, Artifact], expected: Mapping[str, Any]
) -> Iterator[str]:
    bodies = {
        kind: codec.from_json(codec.unpack(artifacts.stored_bytes(row)))
        for kind, row in found.items()
        if row.status is ArtifactState.READY
    }
    counted = counts(bodies)
    differ = {name: (counted[name], value) for name, value in expected.items() if counted[name] != value}
    if differ:
        yield f"{job_id}: other counts than a clean run has: {differ}"


def _left_over(job_id: str, run: int, published: set[str]) -> Iterator[str]:
    """Blobs of builds that nobody will purge, and rows of parts that nobody will make."""
    begun = set()
    for name in container(settings().artifacts_container).list_blob_names(name_starts_with=f"{job_id}/"):
        _, of_run, build, *_ = name.split("/")
        if build not in ("exports", "execution-steps"):
            begun.add((int(of_run), build))
    others = begun - {(run, build) for build in published}
    if others and not any(
        work.kind is Kind.PURGE and work.job_id == job_id for work in due.overdue(clock.later(_FAR))
    ):
        yield f"{job_id}: blobs of {sorted(others)} that no due row purges"
    todo = [
        row.key for row in rows.partition_rows(table(settings().job_artifact_table), job_id, "todo", "todp")
    ]
    if todo:
        yield f"{job_id}: parts to do: {todo}"


def _messages(name: str) -> int:
    """How many messages are on a queue, those out of sight too; none where there is no queue."""
    try:
        return queue(name).get_queue_properties().approximate_message_count or 0
    except ResourceNotFoundError:
        return 0
