"""Result files in memory, and everything that the reader says of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from blast_artifacts.reading.hits import Query, Report, hit_schema
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.reading.read import ReadOptions, read
from blast_artifacts.reading.rounds import Wanted

DATA = Path(__file__).parent.parent / "data"
CASES = DATA / "cases"
ARCHIVES = DATA / "archives"
GOLDEN = DATA / "golden"
STD = "std"


@dataclass
class Bytes:
    """A source of bytes that come `step` at a time."""

    data: bytes
    step: int = 1 << 22
    name: str = "result"
    version: str = "1"

    @property
    def size(self) -> int:
        """Stored bytes."""
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        """The bytes in order."""
        for start in range(0, len(self.data), self.step):
            yield self.data[start : start + self.step]


@dataclass
class Whole:
    """All that came out of one file."""

    report: Report
    hits: pl.DataFrame
    queries: list[Query]

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The hits as tuples, for comparison."""
        return self.hits.drop("deflines").rows()

    @property
    def codes(self) -> set[str]:
        """Codes of the notices."""
        return {notice.code for notice in self.report.notices}

    @property
    def pairs(self) -> int:
        """Distinct (query, subject)."""
        return self.hits.select("qindex", "sseqid").unique().height


def read_whole(
    data: bytes | Path, outfmt: str | None = None, step: int = 1 << 22, iteration: Wanted = "last",
    program: str | None = None,
) -> Whole:  # fmt: skip
    """Read bytes or a file to the end."""
    source = Bytes(data.read_bytes() if isinstance(data, Path) else data, step)
    report = Report(source.name, source.size)
    options = ReadOptions(parse_outfmt(outfmt) if outfmt else None, iteration, program=program)
    tables, queries = [hit_schema().to_frame()], []
    for batch in read(source, options, report):
        assert batch.hits.schema == hit_schema()
        tables.append(batch.hits)
        queries += batch.queries
    return Whole(report, pl.concat(tables), queries)


def archive(name: str) -> bytes:
    return gzip.decompress((ARCHIVES / f"{name}.outfmt11.gz").read_bytes())


def case(name: str) -> bytes:
    """The bytes of a case."""
    return (CASES / name).read_bytes()
