"""Two build processes against one: python -m benchmarks.builders.

Builds twenty results of the sample search, each process with one thread of Polars: by the command line from
local files, each process on a core of its own, and by the app's build roles through the emulator. Prints one
JSON object: seconds with one process and with two, and how many times as fast two are.
"""

from __future__ import annotations

import lzma
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import measured
from benchmarks.reads_beside_build import SAMPLE, end, leave_job
from blast_artifacts.lifecycle import artifacts
from blast_artifacts.terms import ArtifactType
from local.stack import Stack
from shared import codec, storage

RESULTS = 20
COPIES = 4
BARS = {"local_files": 1.7, "emulator": 1.4}
ONE_THREAD = {"POLARS_MAX_THREADS": "1"}


def local_files(processes: int, sources: list[Path], folder: Path) -> float:
    """Seconds until every result is built from local files, shared out among processes."""
    began = time.perf_counter()
    running = []
    for number in range(processes):
        mine = sources[number::processes]
        words = measured.module(
            "blast_artifacts", "build", *map(str, mine), "--out", str(folder / f"{number}")
        )
        running.append(
            subprocess.Popen(
                words,
                cwd=measured.ROOT,
                env={**os.environ, **ONE_THREAD},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        os.sched_setaffinity(running[-1].pid, {number})
    if any(process.wait() for process in running):
        raise SystemExit("a build failed")
    return time.perf_counter() - began


def emulator(workers: int, folder: Path) -> float:
    """Seconds from the end of the searches until every result is published, with so many build roles."""
    os.environ |= ONE_THREAD
    before = set(os.environ)
    with Stack(folder, workers=workers, say=lambda _: None) as stack:
        os.environ.update(stack.environment)
        storage.forget()
        waiting = [leave_job(1) for _ in range(RESULTS)]
        began = time.perf_counter()
        for job in waiting:
            end(job)
        while waiting:
            time.sleep(0.1)
            waiting = [job for job in waiting if not artifacts.find(job.job_id, ArtifactType.AGGREGATE)]
        taken = time.perf_counter() - began
    for name in set(os.environ) - before:
        del os.environ[name]
    return taken


def compared(seconds: dict[int, float], bar: float) -> dict[str, Any]:
    return {
        "one_seconds": round(seconds[1], 1),
        "two_seconds": round(seconds[2], 1),
        "ratio": round(seconds[1] / seconds[2], 2),
        "bar": bar,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        batches = [lzma.decompress(path.read_bytes()) for path in sorted(SAMPLE.glob("*.xz"))]
        sources = []
        for number in range(RESULTS):
            sources.append(folder / f"batch_{number:03d}-blastp-sample-proteins.out.gz")
            sources[-1].write_bytes(codec.pack(batches[number % len(batches)] * COPIES))
        files = {count: local_files(count, sources, folder / f"out{count}") for count in (1, 2)}
        app = {count: emulator(count, folder / f"data{count}") for count in (1, 2)}
    measured.say(
        {
            "results": RESULTS,
            "local_files": compared(files, BARS["local_files"]),
            "emulator": compared(app, BARS["emulator"]),
        }
    )


if __name__ == "__main__":
    main()
