"""Reading a small result at once, where its artifacts are not there yet: by the code that builds them."""

from __future__ import annotations

import threading
import time

from cachetools import LRUCache

from blast_artifacts.lifecycle import finalizer, results
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.workplace import workplace
from blast_artifacts.terms import ArtifactType
from shared import codec
from shared.settings import settings

_REMEMBERED = 8

_one_at_a_time = threading.Lock()
_bodies: LRUCache[str, dict[ArtifactType, bytes]] = LRUCache(_REMEMBERED)


def read(job: Job, kind: ArtifactType) -> bytes | None:
    """The view's body, equal in bytes to the artifact, of a job that has ended.

    None where the results are too large, not all listable, or another live read takes too long.
    """
    sources = results.list_results(job.results_prefix)
    if sum(source.size for source in sources) > settings().live_stored_bytes:
        return None
    listing = [[source.name, source.version] for source in sources]
    fingerprint = codec.digest(codec.to_json([job.job_id, job.run, job.status, listing]))
    if not _one_at_a_time.acquire(timeout=settings().live_seconds):
        return None
    try:
        if fingerprint not in _bodies:
            _bodies[fingerprint] = _build(job, sources)
        return _bodies[fingerprint].get(kind)
    finally:
        _one_at_a_time.release()


def _build(job: Job, sources: list[results.BlobSource]) -> dict[ArtifactType, bytes]:
    """The bodies of the result's views; none where the artifacts would say something else."""
    try:
        finalizer.refuse_unlisted(job, sources)
        with workplace() as folder:
            deadline = time.monotonic() + settings().live_seconds
            built = finalizer.build(job, sources, folder, deadline)
    except finalizer.NotListableYet:
        return {}
    in_time = all(source["reason"] != "time_budget" for source in built.summary["sources"])
    return built.artifacts if in_time else {}
