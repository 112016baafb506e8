"""The short set of benchmarks, one after the other: python -m benchmarks [MODULE …].

Each prints the JSON of its own module. The full size of each is that module's default.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from benchmarks import measured

SHORT = {
    "builds": ["--mb", "40", "--rounds", "1"],
    "memory": ["--mb", "40"],
    "archive_beside_xml": [],
    "imports": [],
    "reads": [],
    "questions": ["300000"],
}


def main(names: Sequence[str]) -> int:
    if unknown := set(names) - SHORT.keys():
        print(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(SHORT)}", file=sys.stderr
        )
        return 2
    status = 0
    for name in names or SHORT:
        print(f"== {name}", file=sys.stderr, flush=True)
        status |= subprocess.call(measured.module(f"benchmarks.{name}", *SHORT[name]), cwd=measured.ROOT)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
