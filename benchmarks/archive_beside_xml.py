"""Archives (outfmt 11) beside XML (outfmt 5): python -m benchmarks.archive_beside_xml.

Reads the same hits in both formats, each repeated to about 16 MB, with plain igzip of the same files as the
yardstick. Prints one JSON object: MB and HSPs a second of CPU time, and the ratios; best of three.
"""

from __future__ import annotations

import gzip
import json
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from isal import igzip

from blast_artifacts.files import FileSource
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.read import ReadOptions, read

SEARCHES = Path(__file__).parents[1] / "tests" / "data" / "searches"
PROGRAMS = ("blastn", "blastp")
BYTES = 16 << 20
ROUNDS = 3
BLOCK = 4 << 20


def repeated(name: str, folder: Path) -> FileSource:
    """A recorded result, joined to itself until it is large enough: joined files are read as several."""
    data = gzip.decompress((SEARCHES / name).read_bytes())
    path = folder / name.replace("/", "-")
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(-(-BYTES // len(data))):
            file.write(data)
    return FileSource(path, path.name)


def inflated(source: FileSource) -> int:
    """Bytes that igzip makes of a file."""
    count = 0
    with igzip.open(source.path, "rb") as file:  # type: ignore[no-untyped-call]
        while block := file.read(BLOCK):
            count += len(block)
    return count


def hsps(source: FileSource) -> int:
    """HSPs that are read of a file."""
    report = Report(source.name, source.size)
    return sum(batch.hits.height for batch in read(source, ReadOptions(), report))


def timed(work: Callable[[FileSource], int], source: FileSource) -> tuple[float, int]:
    """Seconds, and what came out."""
    begin = time.process_time()
    count = work(source)
    return time.process_time() - begin, count


def measure(program: str, folder: Path) -> dict[str, float]:
    """One program's result in both formats."""
    sources = {
        "11": repeated(f"{program}/outfmt11.asn.gz", folder),
        "5": repeated(f"{program}/outfmt5.xml.gz", folder),
    }
    seconds: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for _ in range(ROUNDS):
        for number, source in sources.items():
            for name, work in (("igzip", inflated), ("read", hsps)):
                spent, counts[f"{name} {number}"] = timed(work, source)
                seconds.setdefault(f"{name} {number}", []).append(spent)
    best = {name: min(times) for name, times in seconds.items()}
    speed = {number: counts[f"igzip {number}"] / 1e6 / best[f"read {number}"] for number in sources}
    rate = {number: counts[f"read {number}"] / best[f"read {number}"] for number in sources}
    return {
        "archive_mb_s": round(speed["11"], 1),
        "xml_mb_s": round(speed["5"], 1),
        "archive_hsps_s": round(rate["11"]),
        "xml_hsps_s": round(rate["5"]),
        "hsps_ratio": round(rate["11"] / rate["5"], 2),
        "archive_of_igzip": round(best["igzip 11"] / best["read 11"], 3),
        "xml_of_igzip": round(best["igzip 5"] / best["read 5"], 3),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {program: measure(program, Path(folder)) for program in PROGRAMS}
    print(json.dumps({"python": platform.python_version(), **figures}, indent=2))


if __name__ == "__main__":
    main()
