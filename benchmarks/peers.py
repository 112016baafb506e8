"""What a reader of these files may use today: python -m benchmarks.peers biopython | pandas FILE.

`biopython` goes through all alignments of an XML report (5) with Bio.Blast; `pandas` reads a table with all
columns and counts the HSPs of each pair. Neither checks the file, or makes anything to be served.
`requirements-peers.txt` names both: they are for a virtual environment of their own.
"""

from __future__ import annotations

import gzip
import sys
from importlib import import_module


def biopython(path: str) -> int:
    """HSPs of an XML report."""
    blast = import_module("Bio.Blast")
    with gzip.open(path, "rb") as file:
        return sum(len(hit) for record in blast.parse(file) for hit in record)


def pandas(path: str) -> int:
    """HSPs of a table, by pair."""
    table = import_module("pandas").read_csv(path, sep="\t", header=None, comment="#", quotechar="\0")
    return int(table.groupby([0, 1], sort=False).size().sum())


if __name__ == "__main__":
    print({"biopython": biopython, "pandas": pandas}[sys.argv[1]](sys.argv[2]))
