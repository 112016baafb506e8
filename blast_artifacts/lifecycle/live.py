"""Reading a small result at once, where its artifacts are not there yet: by the code that builds them."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blast_artifacts.lifecycle import finalizer, results
from blast_artifacts.lifecycle.claims import NotListableYet
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.parts import Tables
from blast_artifacts.lifecycle.results import BlobSource
from blast_artifacts.lifecycle.workplace import own_folder, remove
from blast_artifacts.reading.inflate import Inflation, inflate
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.build import Built
from shared import codec
from shared.settings import settings

log = logging.getLogger(__name__)

_REMEMBERED = 8
_MOST_FILES = 1000
_PIECE = 64 * 1024

_one_at_a_time = threading.Lock()
_readings: OrderedDict[str, Reading] = OrderedDict()


class TooMuch(Exception):
    """The results are more than a read may read."""


@dataclass(frozen=True)
class Reading:
    """A result that was read live: what was built of it, and the folder of its tables."""

    built: Built
    folder: Path

    @property
    def tables(self) -> Tables:
        """Each part's tables by name."""
        parts: dict[str, dict[str, Path]] = {}
        for path in self.built.parts:
            number, table, _ = path.name.split(".")
            parts.setdefault(number, {})[table] = path
        return list(parts.values())


def read(job: Job, kind: ArtifactType) -> bytes | None:
    """The view's body, equal in bytes to the artifact, of a job that has ended; None as for `reading`."""
    with reading(job) as found:
        return found.built.artifacts.get(kind) if found else None


@contextmanager
def reading(job: Job) -> Iterator[Reading | None]:
    """The results of a job that has ended, read once for all who ask; one asker at a time has them.

    None where the results are too large, not all listable or change meanwhile, and where reading them, or
    waiting for another live read, takes too long.
    """
    try:
        sources = _listed(job)
    except TooMuch:
        yield None
        return
    listing = [[source.name, source.version] for source in sources]
    fingerprint = codec.digest(codec.to_json([job.job_id, job.run, job.status, listing]))
    deadline = time.monotonic() + settings().live_seconds
    if not _one_at_a_time.acquire(timeout=settings().live_seconds):
        yield None
        return
    try:
        found = _readings.pop(fingerprint, None) or _read_anew(job, sources, deadline)
        if found:
            _remember(fingerprint, found)
        yield found
    finally:
        _one_at_a_time.release()


def _read_anew(job: Job, sources: list[BlobSource], deadline: float) -> Reading | None:
    folder = own_folder("build")
    try:
        return Reading(_build(job, sources, folder, deadline), folder)
    except Exception as error:
        remove(folder)
        if not isinstance(error, TooMuch):
            log.warning("job %s run %d could not be read live", job.job_id, job.run, exc_info=True)
        return None


def _remember(fingerprint: str, found: Reading) -> None:
    """Keep the last few readings; the tables of the others go."""
    _readings[fingerprint] = found
    while len(_readings) > _REMEMBERED:
        remove(_readings.popitem(last=False)[1].folder)


@dataclass(frozen=True)
class _Timed:
    """A source that stops, in small steps, once the time for a live read is over."""

    source: BlobSource
    deadline: float

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def size(self) -> int:
        return self.source.size

    @property
    def version(self) -> str:
        return self.source.version

    def blocks(self) -> Iterator[bytes]:
        for block in self.source.blocks():
            for start in range(0, len(block), _PIECE):
                if time.monotonic() > self.deadline:
                    raise TooMuch("time")
                yield block[start : start + _PIECE]


def _listed(job: Job) -> list[BlobSource]:
    """The results, if they are few and small as stored."""
    sources: list[BlobSource] = []
    stored = 0
    for source in results.iterate_results(job.results_prefix):
        sources.append(source)
        stored += source.size
        if stored > settings().live_stored_bytes or len(sources) > _MOST_FILES:
            raise TooMuch("stored")
    return results.own(sources)


def _build(job: Job, sources: list[BlobSource], folder: Path, deadline: float) -> Built:
    """What the results come to; raises TooMuch where the artifacts would say something else."""
    try:
        finalizer.refuse_unlisted(job, sources)
    except NotListableYet as lacking:
        raise TooMuch(str(lacking)) from lacking
    timed = [_Timed(source, deadline) for source in sources]
    _refuse_inflated(timed)
    built = finalizer.build(job, timed, folder, deadline)
    if any(source["reason"] == "time_budget" for source in built.summary["sources"]):
        raise TooMuch("time")
    return built


def _refuse_inflated(sources: list[_Timed]) -> None:
    """Inflate everything once, which is cheap, and raise TooMuch where that is too much to read."""
    left = settings().live_inflated_bytes
    for source in sources:
        for block in inflate(source.blocks, Inflation()):
            left -= len(block)
            if left < 0:
                raise TooMuch("inflated")
