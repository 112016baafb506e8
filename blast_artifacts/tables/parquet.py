"""Parquet files written as their rows come: one file, file order, memory bounded by a row group."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import polars as pl
from polars.io.plugins import register_io_source

GROUP_ROWS = 2048
GROUP_BYTES = 2 * 1024 * 1024
"""Small, as answers have single rows from all over a file: of each a whole group is read."""

SMALL_GROUPS_BYTES = 128 * 1024 * 1024
"""Of larger inputs the groups grow with the size: Polars keeps 4 kB for each column of each until the end."""

_OF_LARGER = SMALL_GROUPS_BYTES // 2

_GROUP_ROWS = "group_rows"
"""What a file says of itself; Polars does not tell where its row groups end."""


class _Abandoned(Exception):
    """Ends a sink whose rows nobody wants any more."""


class ParquetStream:
    """One zstd Parquet file, filled frame by frame from one thread.

    A row group holds at most 2,048 rows and about 2 MiB, or in proportion more where `expected_bytes`, the
    size of the input, is large. Columns without a value in any row are left out, unless `every_column` is
    to be there; `scan` puts them back.
    Polars fixes both when a file is begun, so a frame of far longer rows (sequences of many kilobases), or
    with another column, begins another segment; `close` joins the segments. Use as a context manager: an
    exception leaves no file.
    """

    def __init__(
        self, path: Path, schema: pl.Schema, expected_bytes: int = 0, every_column: bool = False
    ) -> None:
        self._path = path
        self._schema = schema
        self._growth = -(-expected_bytes // _OF_LARGER) if expected_bytes > SMALL_GROUPS_BYTES else 1
        self._segments: list[Path] = []
        self._group_rows = 0
        self._names = set(schema) if every_column else set()
        self._sink: ParquetSink | None = None

    def __enter__(self) -> ParquetStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def append(self, frame: pl.DataFrame) -> None:
        """Adds rows; waits while an earlier frame is still being written."""
        if frame.is_empty():
            return
        fitting = self._growth * fitting_rows(frame)
        told = {column.name for column in frame if column.null_count() < frame.height}
        if self._sink is None or fitting * 4 <= self._group_rows or not told <= self._names:
            self._begin(fitting, told)
        assert self._sink is not None
        self._sink.put(frame.select(self._columns()))

    def close(self) -> None:
        """Ends the file; raises what went wrong while it was written."""
        if self._sink is None:
            self._begin(GROUP_ROWS, set(self._schema))
        assert self._sink is not None
        self._sink.finish()
        if len(self._segments) == 1:
            self._segments[0].replace(self._path)
            return
        joined = scan(self._segments, self._schema, {}).select(self._columns())
        joined.sink_parquet(self._path, **_written(self._group_rows))
        for segment in self._segments:
            segment.unlink()

    def abandon(self) -> None:
        """Stops writing and removes what was written."""
        if self._sink is not None:
            self._sink.abandon()
        for path in (*self._segments, self._path):
            path.unlink(missing_ok=True)

    def _begin(self, group_rows: int, told: set[str]) -> None:
        if self._sink is not None:
            self._sink.finish()
        segment = self._path.with_name(f"{self._path.name}.{len(self._segments)}")
        self._group_rows = min(group_rows, self._group_rows) if self._segments else group_rows
        self._segments.append(segment)
        self._names |= told
        columns = pl.Schema({name: self._schema[name] for name in self._columns()})
        self._sink = ParquetSink(segment, columns, self._group_rows)

    def _columns(self) -> list[str]:
        return [name for name in self._schema if name in self._names]


def scan(files: Sequence[Path | str], schema: pl.Schema, storage: Mapping[str, Any]) -> pl.LazyFrame:
    """Tables of a schema one below the other; a column that a file leaves out is null.

    Those with an address rather than a path are read in ranges; `storage` says to `scan_parquet` how.
    """
    runs = groupby(map(str, files), key=lambda file: "://" in file)
    return pl.concat([_scan(list(run), schema, storage if remote else {}) for remote, run in runs])


def _scan(files: list[str], schema: pl.Schema, storage: Mapping[str, Any]) -> pl.LazyFrame:
    if len(files) > 1:
        return pl.scan_parquet(files, schema=schema, missing_columns="insert", **storage)
    # Told of a schema, Polars would read the end of the file anew for all that is asked of this.
    told = pl.scan_parquet(files, **storage)
    there = told.collect_schema()
    return told.select(
        pl.col(name) if name in there else pl.lit(None, kind).alias(name) for name, kind in schema.items()
    )


def group_rows(file: str, storage: Mapping[str, Any]) -> int | None:
    """How many rows a row group of a table holds; null where the file does not say."""
    return int(pl.read_parquet_metadata(file, **storage).get(_GROUP_ROWS, 0)) or None


def _written(group_rows: int) -> dict[str, Any]:
    return {
        "compression": "zstd",
        "row_group_size": group_rows,
        "metadata": {_GROUP_ROWS: str(group_rows)},
    }


def fitting_rows(frame: pl.DataFrame) -> int:
    """How many such rows a row group holds."""
    rows, bytes_per_row = GROUP_ROWS, frame.estimated_size() / max(1, frame.height)
    while rows > 1 and rows * bytes_per_row > GROUP_BYTES:
        rows //= 2
    return rows


class ParquetSink:
    """Polars' streaming writer on its own thread, fed through a queue of one frame."""

    def __init__(self, target: Path | IO[bytes], schema: pl.Schema, group_rows: int) -> None:
        self._frames: queue.Queue[pl.DataFrame | type[_Abandoned] | None] = queue.Queue(maxsize=1)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(target, schema, group_rows), daemon=True)
        self._thread.start()

    def put(self, frame: pl.DataFrame | type[_Abandoned] | None) -> None:
        while self._error is None:
            try:
                return self._frames.put(frame, timeout=0.5)
            except queue.Full:
                continue
        raise self._error

    def finish(self) -> None:
        self.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        with suppress(Exception):  # the sink may have failed already
            self.put(_Abandoned)
        self._thread.join()

    def _run(self, target: Path | IO[bytes], schema: pl.Schema, group_rows: int) -> None:
        def frames(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
        ) -> Iterator[pl.DataFrame]:
            while (frame := self._frames.get()) is not None:
                if not isinstance(frame, pl.DataFrame):
                    raise _Abandoned
                yield frame

        try:
            source = register_io_source(frames, schema=schema)
            source.sink_parquet(target, **_written(group_rows))
        except BaseException as error:  # handed to the thread that writes
            self._error = error
