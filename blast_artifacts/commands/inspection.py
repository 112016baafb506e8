"""`inspect`: everything that is stored of a job, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from blast_artifacts.lifecycle import artifacts, checkpoints, due, jobs, results, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, JobStatus, SentinelStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, table
from shared.words import counted


def describe(job_id: str) -> Iterator[str]:
    """Lines on a job's rows, claim, artifacts, due work, blobs and last errors; raises LookupError."""
    job = jobs.get_summary(job_id)
    if job is None:
        raise LookupError(f"there is no job {job_id}")
    standing = sentinel.find(job_id)
    yield from _of_job(job)
    yield from _of_sentinel(job, standing)
    yield from _of_artifacts(job)
    yield from _of_due_work(job)
    yield from _of_blobs(job, standing)


def _of_job(job: Job) -> Iterator[str]:
    yield f"job {job.job_id}: {job.status}, run {job.run}, owner {job.owner}"
    yield f"  submitted {job.created_at}, last changed {_ago(job.updated_at)}"
    if job.started_at or job.finished_at:
        yield f"  started {job.started_at or 'nobody knows when'}, ended {job.finished_at or 'not yet'}"
    if job.program or job.database:
        yield f"  {job.program or 'an unknown program'} on {job.database or 'an unknown database'}"
    if job.phase:
        yield f"  in step {job.phase}"
    if job.error_code:
        exit_code = f", exit code {job.exit_code}" if job.exit_code is not None else ""
        yield f"  error {job.error_code}{exit_code}: {job.error or 'no text'}"


def _of_sentinel(job: Job, standing: Sentinel | None) -> Iterator[str]:
    if standing is None:
        asked = "asked for by the next read or by `rebuild`" if job.is_terminal else "begun when the run ends"
        yield f"finalization: none yet; it is {asked}"
        return
    of_run = "" if standing.run == job.run else f" (of run {standing.run}, not of this one)"
    yield f"finalization: {standing.status}{of_run}, attempt {standing.attempts} of {settings().max_attempts}"
    if standing.is_fanned_out:
        yield from _of_parts(job, standing)
    elif standing.status is SentinelStatus.PENDING:
        yield f"  {_claim(standing)}"
    if standing.build:
        yield f"  build {standing.build}, changed {_ago(standing.updated_at)}"
    if standing.is_outdated or standing.is_of_a_later_builder:
        which = "older" if standing.is_outdated else "later"
        yield f"  by an {which} builder ({standing.schema_version}.{standing.builder_version})"
    if standing.error_code:
        yield f"  last error {standing.error_code}: {standing.error or 'no text'}"


def _of_parts(job: Job, standing: Sentinel) -> Iterator[str]:
    build, moment = str(standing.build), clock.now()
    over, left = checkpoints.done(job.job_id, build), list(checkpoints.todos(job.job_id, build))
    at_work = sum(todo.is_held(moment) for todo in left)
    yield f"  {len(over)} of {standing.parts} parts are over, {at_work} are being built"
    if not left:
        yield f"  its merge: {_claim(standing)}"
    for number, done in over.items():
        if done.status is ArtifactState.FAILED:
            yield f"  part {number} failed, {done.error_code}: {done.error}"
    for todo in left:
        if todo.error:
            yield f"  part {todo.number}, attempt {todo.attempts}: {todo.error}"


def _claim(standing: Sentinel) -> str:
    moment = clock.now()
    if standing.is_held(moment):
        return f"a claim is at work, its lease holds until {standing.lease_until}"
    if standing.seconds_left(moment):
        return f"waits for its back-off until {standing.not_before}"
    if standing.lease_until:
        return f"its lease lapsed {_ago(standing.lease_until)}: the builder died or was stopped"
    return "waits for a builder"


def _of_artifacts(job: Job) -> Iterator[str]:
    found = artifacts.of_job(job.job_id)
    yield f"artifacts: {len(found) or 'none published'}"
    for kind, one in found.items():
        if one.status is ArtifactState.READY:
            whole = "complete" if one.complete else "NOT complete"
            yield f"  {kind:<20} ready, {whole}, {counted(one.size, 'byte')}, build {one.build[:8]}"
        else:
            why = f"{one.error_code} {one.error}" if one.error_code else "its blob is gone"
            yield f"  {kind:<20} {one.status}: {why}"


def _of_due_work(job: Job) -> Iterator[str]:
    keys = rows.partition_rows(table(settings().job_artifact_table), due.PARTITION)
    found = [row for row in keys if f"_{job.job_id}_" in row.key]
    yield f"due work: {len(found) or 'none'}"
    for row in found:
        at, _, run_and_kind = row.key.partition(f"_{job.job_id}_")
        run, _, kind = run_and_kind.partition("_")
        yield f"  {kind} of run {run} at {at}, came due {counted(due.tries_of(row), 'time')}"


def _of_blobs(job: Job, standing: Sentinel | None) -> Iterator[str]:
    name, folder = results.split_prefix(job.results_prefix)
    yield f"results: {_blobs(name, folder)} below {job.results_prefix}"
    published = {one.build for one in artifacts.of_job(job.job_id).values()}
    builds: Counter[str] = Counter()
    for path in container(settings().artifacts_container).list_blob_names(name_starts_with=f"{job.job_id}/"):
        run, build = (*path.split("/"), "")[1:3]
        builds[f"run {run}, {_role(build, published, standing)}"] += 1
    yield f"artifact blobs: {sum(builds.values())}"
    yield from (f"  {where}: {count}" for where, count in sorted(builds.items()))
    if job.status is JobStatus.DELETED:
        yield "the job is deleted: the timer purges what is left of it"


def _role(build: str, published: set[str], standing: Sentinel | None) -> str:
    if build == "execution-steps":
        return "logs of steps"
    if build in published:
        return f"build {build[:8]}, published"
    under_way = standing is not None and standing.build == build
    return f"build {build[:8]}, {'under way or cut off' if under_way else 'superseded'}"


def _blobs(name: str, folder: str) -> str:
    sizes = [blob.size for blob in container(name).list_blobs(name_starts_with=folder)]
    return f"{counted(len(sizes), 'blob')}, {counted(sum(sizes), 'byte')}"


def _ago(moment: str) -> str:
    seconds = (clock.now() - clock.from_text(moment)).total_seconds()
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{counted(round(max(0, seconds)), 'second')} ago"
