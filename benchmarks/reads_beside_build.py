"""Reads while a build runs: python -m benchmarks.reads_beside_build.

Starts the local stack, publishes a small job and reads its default artifact, first on the idle machine, then
with a build of a large result under way. Prints one JSON object: median and 95th percentile, in ms, of
each, and their ratio. The large result is the recorded sample search, each batch several times over.
"""

from __future__ import annotations

import lzma
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from benchmarks import measured
from blast_artifacts.lifecycle import jobs, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import TerminalEvent
from blast_artifacts.terms import JobStatus
from local.stack import Stack
from shared import clock, codec, storage
from shared.settings import settings
from shared.storage import container

SAMPLE = Path(__file__).parents[1] / "tests" / "data" / "searches" / "sample"
COPIES = 6
READS = 400
PAUSE = 0.01
USER = "bench"


def leave_job(copies: int) -> Job:
    """A running job whose results are the sample's batches, each `copies` times."""
    job_id, now = str(uuid.uuid4()), clock.to_text(clock.now())
    prefix = f"{settings().results_container}/{job_id}/1/"
    job = Job(job_id, f"local.{USER}", JobStatus.RUNNING, 1, "blastp", "sample-proteins", prefix, now, now)
    jobs.create(job)
    batches = sorted(SAMPLE.glob("*.xz"))
    for number in range(copies * len(batches)):
        stored = codec.pack(lzma.decompress(batches[number % len(batches)].read_bytes()))
        name = f"{job_id}/1/batch_{number:03d}-blastp-sample-proteins.out.gz"
        container(settings().results_container).upload_blob(name, stored)
    return job


def end(job: Job) -> None:
    event = TerminalEvent(
        kind="terminal", job=job.job_id, run=1, status=JobStatus.COMPLETED, at=clock.now(), error=None
    )
    terminal.end(event)


def times(read: Callable[[], Any], goes_on: Callable[[], bool]) -> list[float]:
    """Milliseconds of each read, READS at the most, one after the other."""
    taken: list[float] = []
    while len(taken) < READS and goes_on():
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
    return taken


def figures(taken: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(taken, n=20)
    return {"reads": len(taken), "p50_ms": round(statistics.median(taken), 2), "p95_ms": round(cuts[-1], 2)}


def main() -> int:
    with tempfile.TemporaryDirectory() as data, Stack(Path(data), say=lambda _: None) as stack:
        os.environ.update(stack.environment)
        storage.forget()
        session = requests.Session()
        session.headers["X-Local-User"] = USER

        def state(job: Job) -> str:
            address = f"{stack.address}/api/blast/jobs/{job.job_id}"
            found = session.get(address, timeout=60).json()["artifacts"]["result_descriptions"]["state"]
            return str(found)

        small, large = leave_job(1), leave_job(COPIES)
        end(small)
        while state(small) != "ready":
            time.sleep(0.2)

        def read() -> None:
            address = f"{stack.address}/api/blast/jobs/{small.job_id}/results/descriptions"
            answer = session.get(address, timeout=60)
            assert answer.headers["X-Artifact-Source"] == "artifact"

        times(read, lambda: True)
        idle = times(read, lambda: True)
        end(large)
        time.sleep(3)
        busy = times(read, lambda: True)
        still_building = state(large) != "ready"
        result = {
            "idle": figures(idle),
            "while_building": figures(busy),
            "ratio_p95": round(figures(busy)["p95_ms"] / figures(idle)["p95_ms"], 2),
            "building_to_the_last_read": still_building,
        }
        measured.say(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
