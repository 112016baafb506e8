"""What a result costs as it grows: python -m benchmarks.scale [--hsps 10000,1000000] [--files 1,10,100].

Builds tables of so many HSPs, one file each, and results of so many files of 1,000 HSPs, by the command
line: seconds, peak memory, and the bytes that are stored then. Then finalizes jobs of so many small files
against the emulator, with all their parts, and counts what goes over the wire, by what it is billed as.
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import inputs, measured
from benchmarks.measured import figures, module

FILE_HSPS = 1000
LINE_BYTES = 200
AT_ONCE = 1_000_000
"""HSPs of the longest text that is made; a larger input is that one several times, joined."""


def make(hsps: int, path: Path) -> int:
    """A table of so many HSPs; its bytes of text."""
    once = min(hsps, AT_ONCE)
    lines = b"".join(inputs.chunks("6", once * LINE_BYTES)).split(b"\n", once)
    text = b"\n".join([*lines[:once], b""])
    packed = gzip.compress(text, 1, mtime=0)
    with path.open("wb") as file:
        for _ in range(hsps // once):
            file.write(packed)
    return len(text) * (hsps // once)


def made(hsps: int, path: Path) -> int:
    """The same, by another process: this one stays small."""
    code = f"from benchmarks.scale import *; print(make({hsps}, Path({str(path)!r})))"
    words = [sys.executable, "-c", code]
    return int(subprocess.run(words, cwd=measured.ROOT, check=True, capture_output=True).stdout)


def built(sources: Sequence[Path], text_bytes: int, out: Path) -> dict[str, Any]:
    """The cost of a build, and the bytes that it leaves."""
    words = module("blast_artifacts", "build", *map(str, sources), "--out", str(out))
    cost = measured.run([*words, "--outfmt", f"6 {inputs.SPEC}"])
    stored = {kind: sum(path.stat().st_size for path in out.rglob(f"*.{kind}")) for kind in ("parquet", "gz")}
    shutil.rmtree(out)
    return {
        "text_mb": round(text_bytes / 1e6, 1),
        "input_mb": round(sum(path.stat().st_size for path in sources) / 1e6, 2),
        "tables_mb": round(stored["parquet"] / 1e6, 2),
        "artifacts_kb": round(stored["gz"] / 1e3, 1),
        **figures(cost, text_bytes),
    }


def by_hsps(hsps: int, folder: Path) -> dict[str, Any]:
    path = folder / "table.out.gz"
    text_bytes = made(hsps, path)
    found = built([path], text_bytes, folder / "out")
    path.unlink()
    return {"hsps": hsps, "files": 1, **found}


def by_files(count: int, folder: Path) -> dict[str, Any]:
    place = folder / "files"
    place.mkdir()
    size = made(FILE_HSPS, place / "batch_000-blastp-sample.out.gz")
    for number in range(1, count):
        shutil.copy(
            place / "batch_000-blastp-sample.out.gz", place / f"batch_{number:03d}-blastp-sample.out.gz"
        )
    found = built(sorted(place.iterdir()), size * count, folder / "out")
    shutil.rmtree(place)
    return {"hsps": FILE_HSPS * count, "files": count, **found}


def operations(counts: Sequence[int]) -> list[dict[str, Any]]:
    """What finalizing a job of so many files sends to storage, from the message of its end to its last."""
    from blast_artifacts.lifecycle import finalizer
    from blast_artifacts.terms import JobStatus
    from local.azurite import Azurite
    from local.environment import environment
    from local.faults import FaultProxy
    from shared import storage
    from shared.settings import settings
    from tests.lifecycle.makers import make_job, put_results, tell
    from tests.lifecycle.roads import messages

    found = []
    with (
        Azurite() as emulator,
        FaultProxy(emulator.connection_string) as proxy,
        environment({"AzureWebJobsStorage": proxy.connection_string, "AUTH_MODE": "local"}),
    ):
        storage.forget()
        for count in [1, *counts]:  # the first makes what the emulator lacks
            job = make_job(JobStatus.RUNNING)
            put_results(job, batches=count)
            tell(job, "terminal", status="completed")
            before = Counter(proxy.operations)
            while waiting := messages(settings().artifacts_queue):
                became = [finalizer.take_in(text) for text in waiting]
            assert became == ["published"], became
            seen = Counter(proxy.operations) - before
            found.append({"files": count, "operations": seen.total(), **dict(sorted(seen.items()))})
    return found[1:]


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--hsps", type=_numbers, default=[10_000, 100_000, 1_000_000])
    words.add_argument("--files", type=_numbers, default=[1, 10, 100])
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        builds = [by_hsps(hsps, folder) for hsps in asked.hsps]
        builds += [by_files(count, folder) for count in asked.files]
    measured.say({"builds": builds, "finalized": operations(asked.files)})


if __name__ == "__main__":
    main()
