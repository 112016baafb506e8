"""What a reader yields: hits, the queries they belong to, and a report of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from blast_artifacts.terms import EndProof, FileState, QueryStatus

if TYPE_CHECKING:
    import polars as pl

TEXT, INTEGER, REAL, DEFLINES = "text", "integer", "real", "deflines"

HIT_COLUMNS = {
    "qindex": INTEGER,
    "iteration": INTEGER,
    "qseqid": TEXT,
    "sseqid": TEXT,
    "pident": REAL,
    "length": INTEGER,
    "mismatch": INTEGER,
    "gapopen": INTEGER,
    "qstart": INTEGER,
    "qend": INTEGER,
    "sstart": INTEGER,
    "send": INTEGER,
    "evalue": REAL,
    "bitscore": REAL,
    "qlen": INTEGER,
    "slen": INTEGER,
    "staxids": TEXT,
    "sscinames": TEXT,
    "stitle": TEXT,
    "nident": INTEGER,
    "positive": INTEGER,
    "gaps": INTEGER,
    "ppos": REAL,
    "qframe": INTEGER,
    "sframe": INTEGER,
    "sstrand": TEXT,
    "score": REAL,
    "qcovs": REAL,
    "qcovus": REAL,
    "qcovhsp": REAL,
    "btop": TEXT,
    "qseq": TEXT,
    "sseq": TEXT,
    "midline": TEXT,
    "sallseqid": TEXT,
    "deflines": DEFLINES,
    "extra": TEXT,
}
"""The hit table, in order: BLAST+'s tabular names and ours, with the kind of each.

Coordinates are 1-based and inclusive, the minus strand by order (blastn: sstart > send; translated
queries: qstart > qend), whatever the format they came from. `qindex` is the 0-based ordinal of the query
in its batch, `iteration` the 1-based PSI-BLAST round (null elsewhere), `extra` a JSON object of columns
that we do not know.
"""

SEQUENCES = ("qseq", "sseq", "midline")
"""Columns with a letter for each position of an alignment."""


def hit_schema() -> pl.Schema:
    """The hit table as a Polars schema."""
    import polars as pl

    defline = pl.Struct({"id": pl.String, "title": pl.String, "taxid": pl.Int64})
    kinds = {TEXT: pl.String(), INTEGER: pl.Int64(), REAL: pl.Float64(), DEFLINES: pl.List(defline)}
    return pl.Schema({name: kinds[kind] for name, kind in HIT_COLUMNS.items()})


class Source(Protocol):
    """One result file, wherever it lies."""

    @property
    def name(self) -> str:
        """Path below the results prefix, with `/`."""

    @property
    def size(self) -> int:
        """Stored bytes."""

    @property
    def version(self) -> str:
        """Changes whenever the content does: an ETag, or a file's time stamp."""

    def blocks(self) -> Iterator[bytes]:
        """The stored bytes in order, a few MiB at a time; may be called again."""


@dataclass(slots=True)
class Query:
    """One query (or PSI-BLAST round of it), given out when the reader has left it."""

    index: int
    id: str | None
    title: str | None = None
    length: int | None = None
    status: QueryStatus = QueryStatus.HITS
    message: str | None = None
    iteration: int | None = None


@dataclass(slots=True)
class Batch:
    """Neighbouring hits, bounded in bytes, in file order.

    `hits` has every column of `hit_schema()`. `queries` are those that ended in this batch; hits of the last
    query may go on in the next batch, and hits of a query may have come in earlier ones.
    """

    hits: pl.DataFrame
    queries: list[Query]


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning in words; `code` is stable, `text` one English sentence."""

    code: str
    text: str


@dataclass(slots=True)
class Search:
    """What the file itself says of the search: null where it does not."""

    program: str | None = None
    version: str | None = None
    database: str | None = None
    database_sequences: int | None = None
    database_letters: int | None = None
    parameters: dict[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What was read of one file, filled while it is read and final when the reader ends.

    `rows` are HSPs. `bytes` are decompressed bytes. `rejected_lines` are the 1-based numbers of the first 20
    rejected lines, `break_offset` the decompressed 0-based offset of the first break, `columns` the hit-table
    columns that the file has.
    """

    name: str
    size: int
    batch: int = 0
    format: str | None = None
    state: FileState = FileState.READ
    reason: str | None = None
    bytes: int = 0
    rows: int = 0
    rejected: int = 0
    rejected_lines: list[int] = field(default_factory=list)
    break_offset: int | None = None
    end_proof: EndProof = EndProof.NONE
    columns: tuple[str, ...] = ()
    search: Search = field(default_factory=Search)
    notices: list[Notice] = field(default_factory=list)
