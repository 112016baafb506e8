"""A part: neighbouring result files read once into three Parquet tables and their sums."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hits import Batch, Report, Source
from blast_artifacts.reading.read import TIME_BUDGET, ReadOptions, read
from blast_artifacts.tables.ahead import ahead
from blast_artifacts.tables.neighbours import TABULAR, Neighbours
from blast_artifacts.tables.pairs import PairGrouper
from blast_artifacts.tables.parquet import ParquetStream
from blast_artifacts.tables.queries import QueryRows
from blast_artifacts.tables.query_fasta import FastaOrder, QueryFasta
from blast_artifacts.tables.schema import HITS, NO_PAIRS, PAIRS, QUERIES
from blast_artifacts.tables.sums import Sums
from blast_artifacts.terms import FileState
from shared.settings import settings

GATHERED_ROWS = 8192
TABLES = ("hits", "pairs", "queries")
LISTS_ALL_QUERIES = frozenset({"5", "7", "11", "13", "14", "15", "16"})
"""Formats whose files name the queries without hits too."""

OnProgress = Callable[[int], None]


@dataclass(slots=True)
class Part:
    """What was made of a group of files: where its tables lie, what was read, what adds up.

    A table lies at a path on local disk or at an `az://` address. `digests` holds the SHA-256 of the stored
    bytes of each file, null where not all were read.
    """

    number: int
    hits: str | Path
    pairs: str | Path
    queries: str | Path
    reports: list[Report] = field(default_factory=list)
    digests: dict[str, str | None] = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)

    @property
    def paths(self) -> tuple[str | Path, ...]:
        return self.hits, self.pairs, self.queries


@dataclass(frozen=True, slots=True)
class PartOptions:
    """How the files of a build are read.

    `lengths` is the (query, fasta_length) table of the submitted queries, `orders` the records of each batch
    whose queries are known. `deadline` is on the monotonic clock, in seconds. `on_progress` is told of stored
    bytes as they are read.
    """

    read: Callable[[Source], ReadOptions]
    lengths: pl.DataFrame | None = None
    orders: Mapping[int, QueryFasta] = field(default_factory=dict)
    deadline: float | None = None
    on_progress: OnProgress | None = None


def plan_parts(results: Sequence[tuple[Source, int]]) -> list[list[tuple[Source, int]]]:
    """Groups neighbouring files into parts of PART_BYTES or PART_FILES at most, a larger file alone.

    A part has 8 minutes to itself (BUILD_DEADLINE_SECONDS). The slowest format, archives, is built at some
    6 MB of text a second on one core of a developer's machine, and is a ninth of that as gzip: 128 MiB take
    about 200 s there, and on a core of half the speed still less than there is. Each file costs a little
    whatever its size, and a part that fails costs all of its files.
    """
    parts: list[list[tuple[Source, int]]] = []
    room, places = 0, 0
    for source, batch in results:
        if not parts or source.size > room or places == 0:
            parts.append([])
            room, places = settings().part_bytes, settings().part_files
        parts[-1].append((source, batch))
        room, places = room - source.size, places - 1
    return parts


def write_part(
    sources: Sequence[tuple[Source, int]], folder: Path, number: int, options: PartOptions
) -> Part:
    """Reads (file, batch number) one after the other into `{number:05d}.{hits,pairs,queries}.parquet`.

    Damage of a file ends in its report; errors of storage or disk are raised, and leave no file.
    """
    paths = table_paths(folder, number)
    part = Part(number, *paths)
    hits, pairs, queries = paths
    size = sum(source.size for source, _ in sources)
    with (
        ParquetStream(hits, HITS, size) as hit_stream,
        ParquetStream(pairs, PAIRS, size) as pair_stream,
        ParquetStream(queries, QUERIES) as query_stream,
    ):
        tables = _Tables(hit_stream, pair_stream, query_stream, part.sums)
        for source, batch in sources:
            report = Report(source.name, source.size, batch)
            part.reports.append(report)
            tally = _Tally(source, options.on_progress)
            _read_file(tally, report, tables, options)
            part.digests[source.name] = tally.digest()
        tables.flush()
    return part


def queries_part(folder: Path, number: int, queries: pl.DataFrame) -> Part:
    """A part of queries without hits."""
    paths = table_paths(folder, number)
    for path, table in zip(paths, (HITS.to_frame(), NO_PAIRS, queries), strict=True):
        table.write_parquet(path, compression="zstd")
    return Part(number, *paths)


def table_paths(folder: Path, number: int) -> tuple[Path, Path, Path]:
    """Where the tables of a part lie in a folder: hits, pairs, queries."""
    hits, pairs, queries = (folder / f"{number:05d}.{table}.parquet" for table in TABLES)
    return hits, pairs, queries


@dataclass(slots=True)
class _Tables:
    hits: ParquetStream
    pairs: ParquetStream
    queries: ParquetStream
    sums: Sums
    _waiting: list[tuple[pl.DataFrame, pl.DataFrame]] = field(default_factory=list)
    _rows: int = 0

    def append(self, pairs: pl.DataFrame, queries: pl.DataFrame) -> None:
        """Gathers the few rows of small files: a frame costs as much as thousands of rows do."""
        self._waiting.append((pairs, queries))
        self._rows += pairs.height + queries.height
        if self._rows >= GATHERED_ROWS:
            self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        pairs = pl.concat([pairs for pairs, _ in self._waiting])
        self.pairs.append(pairs)
        self.queries.append(pl.concat([queries for _, queries in self._waiting]))
        self.sums.add_pairs(pairs)
        self._waiting, self._rows = [], 0


def _read_file(source: _Tally, report: Report, tables: _Tables, options: PartOptions) -> None:
    grouper = PairGrouper(report.batch, source.name, options.lengths)
    rows = QueryRows(report.batch, source.name, options.lengths)
    place = pl.lit(report.batch, pl.Int64).alias("batch"), pl.lit(source.name, pl.String).alias("source")
    neighbours = Neighbours()
    with closing(ahead(_in_time(source, report, options))) as batches:
        for batch, tabular in batches:
            tables.hits.append(batch.hits.select(*place, pl.all()))
            pairs = grouper.add(neighbours.add(batch.hits, tabular))
            open_query = grouper.open_query or neighbours.open_query
            tables.append(pairs, rows.add(batch.queries, pairs, open_query))
    last = pl.concat([grouper.add(neighbours.close()), grouper.close()])
    tables.append(last, rows.close(last))
    if neighbours.scattered:
        warn(report, "subjects_not_grouped")


def _in_time(source: _Tally, report: Report, options: PartOptions) -> Iterator[tuple[Batch, bool]]:
    """The batches of a file up to the deadline, and whether each comes from a table.

    What lies after the deadline is said in the report, which is the reader's until the last batch has come.
    """
    batches = read(source, replace(options.read(source), deadline=options.deadline), report)
    records = options.orders.get(report.batch)
    order: FastaOrder | None = None
    while not (late := options.deadline is not None and time.monotonic() > options.deadline):
        batch = next(batches, None)
        if batch is None:
            break
        if records is not None and report.format not in LISTS_ALL_QUERIES:
            order = order or FastaOrder(records)
            batch = Batch(order.place_hits(batch.hits), [order.place(query) for query in batch.queries])
        yield batch, report.format in TABULAR
    if isinstance(batches, Generator):
        batches.close()
    if late:
        report.state, report.reason = FileState.TRUNCATED, TIME_BUDGET


class _Tally:
    """A source that knows the digest of what was read of it, and tells how far reading has come."""

    def __init__(self, source: Source, on_progress: OnProgress | None) -> None:
        self._source = source
        self._on_progress = on_progress
        self._hash: hashlib._Hash | None = None
        self._read = 0

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def size(self) -> int:
        return self._source.size

    @property
    def version(self) -> str:
        return self._source.version

    def blocks(self) -> Iterator[bytes]:
        """The source's blocks; a second reading (after damage) counts no more."""
        if self._hash is not None:
            yield from self._source.blocks()
            return
        self._hash = hashlib.sha256()
        for block in self._source.blocks():
            self._hash.update(block)
            self._read += len(block)
            if self._on_progress is not None:
                self._on_progress(len(block))
            yield block

    def digest(self) -> str | None:
        """SHA-256 of the stored bytes, null where not all of them were read."""
        if self._hash is None or self._read != self.size:
            return None
        return self._hash.hexdigest()
