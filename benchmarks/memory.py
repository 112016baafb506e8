"""Whether a build's memory grows with its input: python -m benchmarks.memory [--mb 100] [--formats 6,5,15].

Builds a file of so many MB of text and one four times as large, each in a process of its own, and prints one
JSON object: the peak of each as the kernel counts it, and their ratio.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import measured
from benchmarks.builds import commands, make

TIMES = 4
BARS = {"peak_mb": 500, "growth": 1.15}


def measure(number: str, megabytes: float, folder: Path) -> dict[str, Any]:
    """The peaks of one format."""
    peaks, sizes = [], []
    for size in (megabytes, TIMES * megabytes):
        path = folder / f"search.outfmt{number}.gz"
        sizes.append(round(make(number, size, path) / 1e6, 1))
        peaks.append(measured.run(commands(number, path, folder)["build"]).peak_mb)
        path.unlink()
    growth = round(peaks[1] / peaks[0], 3)
    return {"format": number, "text_mb": sizes, "peak_mb": peaks, "growth": growth}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--formats", default="6,5,15")
    words.add_argument("--mb", type=float, default=100)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(number, asked.mb, Path(folder)) for number in asked.formats.split(",")]
    measured.say({"bars": BARS, "peaks": found})


if __name__ == "__main__":
    main()
