"""A default artifact through the host: python -m benchmarks.reads.

Starts the local stack, publishes a job and sets its descriptions down under many job ids, with other bytes
each, so that every first read has to fetch its blob. Then asks in turn: what goes no further than host and
worker (a caller who is unknown), the artifact from its blob, again from the process's own cache, and again
with its ETag (304); and through the SDK, bare, the same blob and the same row. Prints one JSON object:
medians in ms, and the ratios of the bars, `bare` with what host and worker take subtracted.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from benchmarks import measured
from benchmarks.reads_beside_build import USER, end, leave_job
from blast_artifacts.lifecycle import artifacts
from blast_artifacts.terms import ArtifactType
from local.stack import Stack
from shared import rows, storage
from shared.settings import settings
from shared.storage import container, table

COPIES = 150
TYPE = ArtifactType.DESCRIPTIONS
BARS = {"from_blob": 2.0, "from_cache": 1.0, "not_modified": 1.2}


def set_down(job_id: str, count: int) -> list[tuple[str, str]]:
    """The job's artifact under other ids, as (job id, blob): the time stamp in its gzip header differs."""
    states, blobs = table(settings().job_artifact_table), container(settings().artifacts_container)
    row = rows.find(states, job_id, TYPE)
    assert row
    stored = artifacts.stored_bytes(artifacts.from_row(row))
    places = []
    for number in range(count):
        other = str(uuid.uuid4())
        data = stored[:4] + (number + 1).to_bytes(4, "little") + stored[8:]
        blob = f"{other}/1/{row.values['build']}/{TYPE}.json.gz"
        blobs.upload_blob(blob, data)
        values = {**row.values, "blob": blob, "sha256": hashlib.sha256(data).hexdigest()}
        rows.insert(states, other, TYPE, values)
        places.append((other, blob))
    return places


def measure(address: str, places: list[tuple[str, str]]) -> dict[str, list[float]]:
    """Milliseconds of each kind of read, one of each for each place in turn."""
    known, unknown = requests.Session(), requests.Session()
    known.headers["X-Local-User"] = USER
    states, blobs = table(settings().job_artifact_table), container(settings().artifacts_container)
    taken: dict[str, list[float]] = {}

    def timed(name: str, read: Callable[..., Any], *words: Any) -> Any:
        began = time.perf_counter()
        found = read(*words)
        taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        return found

    def ask(session: requests.Session, url: str, status: int, etag: str = "") -> requests.Response:
        answer = session.get(url, headers={"If-None-Match": etag} if etag else {}, stream=True, timeout=60)
        answer.raw.read()
        assert answer.status_code == status, answer.status_code
        return answer

    def fetch(blob: str) -> bytes:
        return bytes(blobs.download_blob(blob, decompress=False).readall())

    for job_id, blob in places:
        url = f"{address}/api/blast/jobs/{job_id}/results/descriptions"
        timed("host_only", ask, unknown, url, 401)
        first = timed("from_blob", ask, known, url, 200)
        assert first.headers["X-Artifact-Source"] == "artifact"
        timed("bare_blob", fetch, blob)
        timed("from_cache", ask, known, url, 200)
        timed("bare_row", states.get_entity, job_id, TYPE)
        timed("not_modified", ask, known, url, 304, first.headers["ETag"])
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as data, Stack(Path(data), say=lambda _: None) as stack:
        os.environ.update(stack.environment)
        storage.forget()
        job = leave_job(1)
        end(job)
        while not (found := artifacts.find(job.job_id, TYPE)) or not found.blob:
            time.sleep(0.2)
        measure(stack.address, set_down(job.job_id, 20))
        taken = measure(stack.address, set_down(job.job_id, COPIES))
    p50 = {name: round(statistics.median(times), 2) for name, times in taken.items()}
    yardsticks = {"from_blob": "bare_blob", "from_cache": "bare_blob", "not_modified": "bare_row"}
    ratios = {
        name: {
            "bare": round((p50[name] - p50["host_only"]) / p50[bare], 2),
            "with_host": round(p50[name] / p50[bare], 2),
            "bar": BARS[name],
        }
        for name, bare in yardsticks.items()
    }
    measured.say({"bytes": found.size, "reads": COPIES, "p50_ms": p50, "ratios": ratios})


if __name__ == "__main__":
    main()
