"""Removing what no row points to any more."""

from __future__ import annotations

import logging

from blast_artifacts.lifecycle import artifacts, sentinel
from shared.settings import settings
from shared.storage import container

log = logging.getLogger(__name__)


def superseded(job_id: str, run: int) -> int:
    """Delete the blobs of the run's builds that are neither published nor under way; gives their number."""
    standing = sentinel.find(job_id)
    kept = {row.build for row in artifacts.of_job(job_id).values()} | {"execution-steps"}
    if standing and standing.build:
        kept.add(standing.build)
    blobs = container(settings().artifacts_container)
    folder = f"{job_id}/{run}/"
    removed = 0
    for name in list(blobs.list_blob_names(name_starts_with=folder)):
        if name.removeprefix(folder).partition("/")[0] not in kept:
            blobs.delete_blob(name)
            removed += 1
    log.info("purged job=%s run=%d blobs=%d", job_id, run, removed)
    return removed
