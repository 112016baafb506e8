"""Log chunks of a step: each kept once, whenever it comes, and found again with what is missing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

from blast_artifacts.lifecycle import jobs, results, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import LogEvent
from blast_artifacts.lifecycle.results import BlobSource
from blast_artifacts.reading.log_text import first_error_line, plain_lines
from blast_artifacts.terms import SCHEMA_VERSION, JobStatus
from shared import codec
from shared.settings import MIB, settings
from shared.storage import container

log = logging.getLogger(__name__)

BLOB_BYTES = 8 * MIB
BLOB_LINES = 200_000

_MOST_CHUNKS = 5000
_MOST_GAPS = 100
_CHUNK_NAME = re.compile(r"([0-9]{6})\.json\.gz")
_ODD_PARTS = frozenset({"", ".", ".."})
_ODD_LETTERS = frozenset("\\%?#")


def record(event: LogEvent) -> bool:
    """Keep the chunk, unless one of its number is kept already; False where it is refused.

    It must be of a live job's current run, and a blob must lie below that run's results prefix. A job that
    has ended still takes its late lines.
    """
    job = jobs.get_summary(event.job)
    if job is None or job.status is JobStatus.DELETED or job.run != event.run:
        return False
    if event.blob is not None and not _is_own(job, event.blob):
        log.warning("job %s run %d: log blob outside of its results refused", job.job_id, job.run)
        return False
    name = steps.step_name(event.step)
    _keep(f"{_folder(job, name)}{event.sequence:06d}.json.gz", _content(job, event))
    if event.last:
        steps.announce_last(job, name, event.sequence)
    if error := first_error_line(event.lines or ()):
        steps.note_error(job, name, error)
    return True


def index(job: Job, step: str) -> dict[str, Any]:
    """The chunks that are there (`bytes` as stored), and whether these are all.

    `last` is the sequence that the pipeline announced as the step's last, null until it does; `missing` are
    inclusive ranges below it. Lists are bounded, `count` is not.
    """
    name = steps.step_name(step)
    sizes = dict(_listed(job, name))
    last = steps.last_announced(job, name)
    gaps = _gaps(sizes, max([-1 if last is None else last, *sizes]))
    here = f"/api/blast/jobs/{job.job_id}/execution-steps/logs/{name}"
    return {
        "schema_version": SCHEMA_VERSION,
        "job_id": job.job_id,
        "run": job.run,
        "step": name,
        "last": last,
        "whole": last is not None and not gaps,
        "missing": gaps[:_MOST_GAPS],
        "count": len(sizes),
        "chunks": [
            {"sequence": number, "bytes": size, "href": f"{here}/{number}"}
            for number, size in sorted(sizes.items())[:_MOST_CHUNKS]
        ],
    }


def chunk(job: Job, step: str, sequence: int) -> dict[str, Any] | None:
    """One chunk with its lines; None where there is none.

    `state` is `whole`, `cut` (a blob over 8 MiB, stored or inflated, of over 200,000 lines or of damaged
    gzip) or `blob_missing`.
    """
    from azure.core.exceptions import ResourceNotFoundError

    name = steps.step_name(step)
    path = f"{_folder(job, name)}{sequence:06d}.json.gz"
    try:
        stored = container(settings().artifacts_container).download_blob(path, decompress=False).readall()
    except ResourceNotFoundError:
        return None
    kept = codec.from_json(codec.unpack(bytes(stored)))
    state, lines = _read_blob(kept["blob"]) if "blob" in kept else ("whole", kept["lines"])
    return {
        "schema_version": SCHEMA_VERSION,
        "job_id": job.job_id,
        "run": job.run,
        "step": name,
        "sequence": sequence,
        "state": state,
        "lines": lines,
    }


def _is_own(job: Job, blob: str) -> bool:
    """Whether the path lies below the run's results prefix, however a server may read it."""
    _, folder = results.split_prefix(job.results_prefix)
    return (
        blob.startswith(folder.rstrip("/") + "/")
        and blob.isprintable()
        and not _ODD_LETTERS.intersection(blob)
        and not _ODD_PARTS.intersection(blob.split("/"))
    )


def _folder(job: Job, step: str) -> str:
    return f"{job.job_id}/{job.run}/execution-steps/logs/{step}/"


def _content(job: Job, event: LogEvent) -> dict[str, Any]:
    if event.blob is not None:
        return {"blob": f"{results.split_prefix(job.results_prefix)[0]}/{event.blob}"}
    return {"lines": [plain for line in event.lines or () for plain in plain_lines(line) or [""]]}


def _keep(path: str, content: Mapping[str, Any]) -> None:
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import ContentSettings

    kind = ContentSettings(content_type="application/json", content_encoding="gzip")
    stored = codec.pack(codec.to_json(content))
    with suppress(ResourceExistsError):
        container(settings().artifacts_container).upload_blob(path, stored, content_settings=kind)


def _listed(job: Job, step: str) -> Iterator[tuple[int, int]]:
    folder = _folder(job, step)
    for blob in container(settings().artifacts_container).list_blobs(name_starts_with=folder):
        if match := _CHUNK_NAME.fullmatch(blob.name.removeprefix(folder)):
            yield int(match[1]), int(blob.size or 0)


def _gaps(found: Mapping[int, int], end: int) -> list[dict[str, int]]:
    """The ranges of 0 to `end` in which nothing was found."""
    bounds = [-1, *sorted(found), end + 1]
    return [{"from": below + 1, "to": above - 1} for below, above in pairwise(bounds) if above - below > 1]


def _read_blob(path: str) -> tuple[str, list[str]]:
    from blast_artifacts.reading.inflate import Inflation, inflate

    source = results.find_source(path)
    if source is None:
        return "blob_missing", []
    stored = _beginning(source) if source.size else b""
    inflation = Inflation()
    text = bytearray()
    for block in inflate(lambda: iter([stored]), inflation):
        text += block
        if len(text) > BLOB_BYTES:
            break
    is_cut = max(source.size, len(text)) > BLOB_BYTES or inflation.fault is not None
    lines = bytes(text[:BLOB_BYTES]).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n", BLOB_LINES)
    is_cut = is_cut or any(lines[BLOB_LINES:])
    shown = b"\n".join(lines[:BLOB_LINES]) + (b"\n" if len(lines) > BLOB_LINES else b"")
    return "cut" if is_cut else "whole", plain_lines(shown.decode("utf-8", "replace"))


def _beginning(source: BlobSource) -> bytes:
    """The first BLOB_BYTES as stored: the SDK would fetch more at once."""
    blob = container(source.container_name).download_blob(
        source.path, offset=0, length=BLOB_BYTES, decompress=False
    )
    return bytes(blob.readall())
