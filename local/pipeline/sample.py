"""The sample search of the demo: every sample protein against all of them.

The E value is so high that chance similarities are reported too: that makes more than 20 MB of real results
in about ten seconds.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.pipeline.fasta import split
from local.pipeline.options import arguments

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
SEQUENCES = DATA / "sequences"
RECORDED = DATA / "searches" / "sample"

TITLE = "Sample proteins against themselves"
PROGRAM = "blastp"
DATABASE = "sample-proteins"
OPTIONS: Mapping[str, Any] = {"evalue": 1600, "outfmt": "15"}


def query() -> str:
    """The query, FASTA."""
    return (SEQUENCES / "proteins.fa").read_text("ascii")


def request() -> dict[str, Any]:
    """The body of `POST jobs` that submits the sample search."""
    return {
        "title": TITLE,
        "program": PROGRAM,
        "database": DATABASE,
        "query": query(),
        "options": dict(OPTIONS),
    }


def is_sample(program: str, database: str, options: Mapping[str, Any], fasta: str) -> bool:
    """Whether this is the sample search, whose results are recorded."""
    asked = (program, database, arguments(options), fasta.split())
    return asked == (PROGRAM, DATABASE, arguments(OPTIONS), query().split())


def batches() -> list[str]:
    return split(query(), PROGRAM)


def recorded_file(batch: int) -> Path:
    return RECORDED / f"batch_{batch:03d}-{PROGRAM}-{DATABASE}.out.xz"


def recorded(batch: int) -> bytes:
    """What BLAST+ wrote for that batch when the sample search was recorded."""
    return lzma.decompress(recorded_file(batch).read_bytes())
