"""How fast files are built: python -m benchmarks.builds [--formats 6,7,5,15] [--mb 250] [--rounds 3].

For each format a file of so many MB of text made from real hits (`benchmarks.inputs`) is built from gzip to
all artifacts by the command line, and measured against the yardstick of its kind in the same run: tables
(6-std, 6, 7) against Polars writing the same file as one Parquet file, reports (5, 15) against igzip alone.
`zcat` stands beside, and with --peers PYTHON (an interpreter that has them) what `benchmarks.peers` does.
With --inputs FOLDER files are made once and kept there. Rounds are interleaved; a figure is the best of its
rounds, the peak the highest. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import measured
from benchmarks.measured import Cost, module

FORMATS = ("6-std", "6", "7", "5", "15")
BARS = {"table": 0.6, "report": 0.12}
PEERS = {"5": "biopython", "6": "pandas", "6-std": "pandas"}
_SPECS = {"6": "6 std staxids stitle qlen slen qcovs", "6-std": "6"}


def make(number: str, megabytes: float, folder: Path) -> tuple[Path, int]:
    """An input and its bytes of text; made, where it must, by another process: this one stays small."""
    path = folder / f"{megabytes:g}.outfmt{number}.gz"
    size = path.with_suffix(".size")
    if not size.exists():
        words = module("benchmarks.inputs", number, str(megabytes), str(path))
        size.write_bytes(subprocess.run(words, cwd=measured.ROOT, check=True, capture_output=True).stdout)
    return path, int(size.read_text())


def commands(number: str, path: Path, folder: Path, peers: str | None = None) -> dict[str, list[str]]:
    """The yardstick, the build, and what else decompresses or reads the file."""
    build = module("blast_artifacts", "build", str(path), "--out", str(folder / "built"))
    if number in _SPECS:
        build += ["--outfmt", _SPECS[number]]
    words = {"igzip": module("benchmarks.yardsticks", "igzip", str(path)), "build": build}
    if number not in ("5", "15"):
        words["polars"] = module(
            "benchmarks.yardsticks", "polars", str(path), str(folder / "reference.parquet")
        )
    if zcat := shutil.which("zcat"):
        words["zcat"] = [zcat, str(path)]
    if peers and number in PEERS:
        words[PEERS[number]] = [peers, "-m", "benchmarks.peers", PEERS[number], str(path)]
    return words


def measure(
    number: str, megabytes: float, rounds: int, inputs: Path, folder: Path, peers: str | None
) -> dict[str, Any]:
    """All figures of one format."""
    path, size = make(number, megabytes, inputs)
    taken: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        for name, words in commands(number, path, folder, peers).items():
            taken.setdefault(name, []).append(measured.run(words))
    costs = {name: measured.best(each) for name, each in taken.items()}
    yardstick = "polars" if "polars" in costs else "igzip"
    return {
        "format": number,
        "text_mb": round(size / 1e6, 1),
        "stored_mb": round(path.stat().st_size / 1e6, 1),
        "yardstick": yardstick,
        "bar": BARS["table" if yardstick == "polars" else "report"],
        "ratio": measured.ratios(costs[yardstick], costs["build"]),
        **{name: measured.figures(cost, size) for name, cost in costs.items()},
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--formats", default=",".join(FORMATS))
    words.add_argument("--mb", type=float, default=250)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--inputs", type=Path)
    words.add_argument("--peers")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        inputs = asked.inputs or folder
        found = [
            measure(number, asked.mb, asked.rounds, inputs, folder, asked.peers)
            for number in asked.formats.split(",")
        ]
    measured.say({"rounds": asked.rounds, "builds": found})


if __name__ == "__main__":
    main()
