"""Whether a build's memory grows with its input: python -m benchmarks.memory [--mb 100] [--formats 6,5,15].

Builds a file of so many MB of text and one four times as large, each in a process of its own, and prints one
JSON object: the cost of each, its peak memory as the kernel counts it, and the ratio of the peaks. With
--inputs FOLDER files are made once and kept there.
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


def measure(number: str, megabytes: float, inputs: Path, folder: Path) -> dict[str, Any]:
    """The peaks of one format."""
    costs, sizes = [], []
    for size in (megabytes, TIMES * megabytes):
        path, text = make(number, size, inputs)
        sizes.append(round(text / 1e6, 1))
        cost = measured.run(commands(number, path, folder)["build"])
        costs.append(measured.figures(cost, text))
    peaks = [cost["peak_mb"] for cost in costs]
    growth = round(peaks[1] / peaks[0], 3)
    return {"format": number, "text_mb": sizes, "peak_mb": peaks, "growth": growth, "builds": costs}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--formats", default="6,5,15")
    words.add_argument("--mb", type=float, default=100)
    words.add_argument("--inputs", type=Path)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        inputs = asked.inputs or folder
        found = [measure(number, asked.mb, inputs, folder) for number in asked.formats.split(",")]
    measured.say({"bars": BARS, "peaks": found})


if __name__ == "__main__":
    main()
