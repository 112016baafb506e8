"""Hand-made hits for tests of the tables."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.reading.hits import hit_schema
from blast_artifacts.tables.pairs import PairGrouper

PLAIN: dict[str, Any] = {
    "qindex": 0,
    "qseqid": "q1",
    "sseqid": "s1",
    "pident": 90.0,
    "length": 100,
    "qstart": 1,
    "qend": 100,
    "evalue": 1e-20,
    "bitscore": 100.0,
    "qlen": 200,
    "slen": 1000,
}


def hits(*rows: dict[str, Any]) -> pl.DataFrame:
    """A hit table of these rows; what a row does not say is as in `PLAIN`."""
    return pl.DataFrame([PLAIN | row for row in rows], schema=hit_schema(), orient="row")


def grouped(*batches: pl.DataFrame, lengths: pl.DataFrame | None = None) -> pl.DataFrame:
    """All pairs of a file that comes in these batches."""
    grouper = PairGrouper(0, "file", lengths)
    return pl.concat([*(grouper.add(batch) for batch in batches), grouper.close()])


def pair(*rows: dict[str, Any]) -> dict[str, Any]:
    """The one pair of these HSPs."""
    (only,) = grouped(hits(*rows)).to_dicts()
    return dict(only)
