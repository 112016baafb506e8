"""Removing what no row points to any more."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime

from blast_artifacts.lifecycle import artifacts, checkpoints, exports, index, parts, sentinel, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.results import split_prefix
from blast_artifacts.terms import ArtifactType, SentinelStatus
from shared import clock
from shared.settings import settings
from shared.storage import container, table


def superseded(job_id: str, run: int, build: str = "", asked_at: datetime | None = None) -> int:
    """Delete the blobs of the run's builds that are neither published nor under way; gives their number.

    Asked for at `asked_at`, when `build` took the place of the others. Where another has taken its place
    since, that one has a purge of its own to come, and it and all that were begun since are left to that.
    Of a build that is published its working papers go: plan and accounts of parts, and what those wrote who
    did not finish first. Old exports go as well. Listed first: a build that is claimed after that is not in
    the list.
    """
    blobs = container(settings().artifacts_container)
    folder = f"{job_id}/{run}/"
    written = {blob.name: blob.last_modified for blob in blobs.list_blobs(name_starts_with=folder)}
    rows_of_parts = checkpoints.of_job(job_id)
    standing = sentinel.find(job_id)
    published = {row.build for row in artifacts.of_job(job_id).values() if row.run == run}
    under_way = standing.build if standing and standing.status is SentinelStatus.PENDING else None
    kept = {*published, under_way or "", "execution-steps"}
    if published and build not in published and asked_at:
        kept |= {build, *_begun_since(asked_at, folder, written)}
    papers = _working_papers(job_id, under_way, written)
    removed = 0
    for name in written:
        if _build_of(name, folder) not in kept or name in papers:
            blobs.delete_blob(name)
            removed += 1
    checkpoints.remove(job_id, [key for key in rows_of_parts if checkpoints.build_of(key) != under_way])
    exports.purge(job_id, kept)
    return removed


def _build_of(name: str, folder: str) -> str:
    return name.removeprefix(folder).partition("/")[0]


def _begun_since(moment: datetime, folder: str, written: Mapping[str, datetime]) -> set[str]:
    """The builds all of whose blobs were written since then."""
    before = {_build_of(name, folder) for name, at in written.items() if at < moment}
    return {_build_of(name, folder) for name in written} - before


def _working_papers(job_id: str, under_way: str | None, written: Mapping[str, datetime]) -> set[str]:
    """Blobs of a published build that nothing leads to, so far as that can be told."""
    found = artifacts.of_job(job_id)
    listing = found.get(ArtifactType.PARTS)
    if listing is None or any(row.build != listing.build for row in found.values()):
        return set()
    if listing.build == under_way:
        return set()
    try:
        listed = parts.listed(listing)
    except (parts.NoParts, artifacts.BlobGone):
        return set()
    led_to = {row.blob for row in found.values()} | {listed.files}
    led_to |= {file.path for tables in listed.tables for file in tables.values()}
    mine = f"{job_id}/{listing.run}/{listing.build}/"
    others = {name for name in written if name.startswith(mine)} - led_to
    exported = {name for name in others if name.startswith(f"{mine}exports/")}
    return others - exported | _exports_of_none(job_id, exported, written)


def _exports_of_none(job_id: str, names: Set[str], written: Mapping[str, datetime]) -> set[str]:
    """Exports that no row names, nor will: whoever wrote them has no claim any more."""
    old = clock.later(-settings().deleted_purge_seconds)
    named = {row.get("blob") for row in exports.of_job(job_id)}
    return {name for name in names if name not in named and written[name] < old}


def deleted(job: Job) -> int:
    """Delete everything that a deleted job left but its tombstone; gives the number of blobs.

    Results are deleted only where we gave out their prefix: an adopted prefix belongs to somebody else.
    """
    given = settings()
    exports.purge(job.job_id, ())
    checkpoints.remove(job.job_id, checkpoints.of_job(job.job_id))
    removed = sum(
        _remove_below(name, f"{job.job_id}/")
        for name in (given.artifacts_container, given.payloads_container, given.queries_container)
    )
    container_name, folder = split_prefix(job.results_prefix)
    if folder == f"{job.job_id}/{job.run}/":
        removed += _remove_below(container_name, f"{job.job_id}/")
    table(given.job_state_table).delete_entity(job.job_id, steps.STEPS_KEY)
    entry = index.entry_key(clock.from_text(job.created_at), job.job_id)
    index.remove(job.owner, filter(None, (entry, job.index_key)), job.job_id)
    return removed


def is_old(job: Job) -> bool:
    """Whether the job was deleted longer ago than any claim on it can live."""
    age = (clock.now() - clock.from_text(job.updated_at)).total_seconds()
    return age >= settings().deleted_purge_seconds


def _remove_below(container_name: str, folder: str) -> int:
    blobs = container(container_name)
    names = list(blobs.list_blob_names(name_starts_with=folder))
    for name in names:
        blobs.delete_blob(name)
    return len(names)
