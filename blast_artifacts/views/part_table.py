"""One table of all parts: its small columns whole, its rows one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from blast_artifacts.views import resident
from blast_artifacts.views.canonical import digest
from blast_artifacts.views.pages import stretches

SLAB = 1 << 21
"""Rows whose numbers are gone through together."""

TEXT_SLAB = SLAB >> 3
"""Rows whose texts are: these do not stay in memory."""

FEW = 8
"""Stretches of a file that are read one by one; of more, the file is gone through."""

Slab = tuple[int, int]
"""Rows from, and up to but not including."""

Make = Callable[[pl.LazyFrame], pl.LazyFrame]
"""Makes one column of a table's columns, a value a row."""


class PartTable:
    """The rows of a table in part order; `place` is the ordinal of a row in all of them.

    `keys` are columns that rows are compared and ordered by other than as they are stored. Files that are the
    same by path, size and time share what is in memory.
    """

    def __init__(
        self,
        files: Sequence[str | Path],
        schema: pl.Schema,
        keys: Mapping[str, pl.Expr],
        storage: Mapping[str, Any],
    ) -> None:
        self._files = [str(file) for file in files]
        self._storage = storage if any("://" in file for file in self._files) else {}
        self.schema = schema
        self.keys = dict(keys)

    @cached_property
    def mark(self) -> str:
        """What these files are, in a word."""
        return digest([[file, *_state(file)] for file in self._files])

    @cached_property
    def _starts(self) -> list[int]:
        """Where each file begins, and where the last one ends."""

        def load() -> pl.DataFrame:
            heights = pl.collect_all([self._open(file).select(pl.len()) for file in self._files])
            return pl.DataFrame({"rows": [height.item() for height in heights]}, schema={"rows": pl.Int64()})

        return [0, *accumulate(resident.hold((self.mark, "heights"), load)["rows"].to_list())]

    @property
    def height(self) -> int:
        return self._starts[-1]

    def scan(self) -> pl.LazyFrame:
        """All rows, lazily."""
        return self._open(self._files) if self._files else pl.LazyFrame(schema=self.schema)

    def _open(self, files: str | list[str], **options: Any) -> pl.LazyFrame:
        return pl.scan_parquet(files, **self._storage, **options)

    def slabs(self, texts: bool = False) -> Iterator[Slab]:
        """The table in stretches: longer ones where no texts are looked at."""
        return _cut((0, self.height), TEXT_SLAB if texts else SLAB)

    def is_text(self, name: str) -> bool:
        """Whether a key is no number."""
        kind = self.schema.get(name)
        return kind is not None and not kind.is_numeric()

    def column(self, name: str, slab: Slab) -> pl.Series:
        """A key of all rows of a stretch; numbers stay in memory, texts do not."""
        if name == "place":
            return pl.int_range(*slab, dtype=pl.Int64, eager=True).alias(name)

        def key(rows: pl.LazyFrame) -> pl.LazyFrame:
            return rows.select(self.keys.get(name, pl.col(name)).alias(name))

        return (
            key(self._read(slab)).collect().to_series() if self.is_text(name) else self.made(name, slab, key)
        )

    def made(self, name: str, slab: Slab, make: Make) -> pl.Series:
        """What `make` makes of a stretch; it stays in memory under this name."""
        base = slab[0] - slab[0] % SLAB
        whole = self._slab_at(base)

        def load() -> pl.DataFrame:
            few = (make(self._read(part)).collect() for part in _cut(whole, TEXT_SLAB))
            return _narrow(pl.concat(few))

        frame = resident.hold((self.mark, name, *whole), load)
        return frame.to_series().slice(slab[0] - base, slab[1] - slab[0])

    def values(self, name: str, places: pl.Series) -> pl.Series:
        """A key at these places, in their order."""
        if name == "place":
            return places.alias(name)
        if self.is_text(name):
            rows = self.rows(places, (name,))
            return rows.select(self.keys.get(name, pl.col(name)).alias(name)).to_series()
        at = pl.DataFrame({"place": places}).with_row_index("rank")
        found = [
            group.select("rank", self.values_in(self._slab_at(number * SLAB), name, group["place"]))
            for (number,), group in at.group_by(pl.col("place") // SLAB)
        ]
        return pl.concat(found, how="vertical_relaxed").sort("rank")[name] if found else self._none(name)

    def values_in(self, slab: Slab, name: str, places: pl.Series) -> pl.Series:
        """A key at these places, all within a stretch."""
        if len(places) == slab[1] - slab[0] and places.is_sorted():
            return self.column(name, slab)
        if name == "place" or self.is_text(name):
            return self.values(name, places)
        return self.column(name, slab).gather(places - slab[0])

    def rows(self, places: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of the rows at these places, in their order; reads only the groups they lie in."""
        ascending = places.arg_sort()
        sought = pl.DataFrame({"place": places.gather(ascending)}).with_columns(
            file=pl.Series(self._starts).search_sorted(places.gather(ascending), side="right") - 1
        )
        read = [
            self._rows_of(number, (group["place"] - self._starts[number]).to_list(), columns)
            for (number,), group in sought.group_by("file", maintain_order=True)
        ]
        if not read:
            return pl.DataFrame(schema={name: self.schema[name] for name in columns})
        return pl.concat(read).collect()[ascending.arg_sort()]

    def _slab_at(self, start: int) -> Slab:
        return start, min(start + SLAB, self.height)

    def _none(self, name: str) -> pl.Series:
        return (
            pl.DataFrame(schema=self.schema).select(self.keys.get(name, pl.col(name)).alias(name)).to_series()
        )

    def _rows_of(self, number: int, places: list[int], columns: Sequence[str]) -> pl.LazyFrame:
        file = self._files[number]
        near = stretches(places)
        if len(near) > FEW:
            numbered = self._open(file, row_index_name="place").select("place", *columns)
            return numbered.filter(pl.col("place").is_in(pl.Series(places).implode())).select(columns)
        rows = self._open(file).select(columns)
        wanted = [pl.Series([place - some[0] for place in some]) for some in near]
        return pl.concat(
            rows.slice(some[0], some[-1] - some[0] + 1).select(pl.all().gather(at))
            for some, at in zip(near, wanted, strict=True)
        )

    def _read(self, slab: Slab) -> pl.LazyFrame:
        first, last = bisect_right(self._starts, slab[0]) - 1, bisect_right(self._starts, slab[1] - 1) - 1
        rows = self._open(self._files[first : last + 1])
        return rows.slice(slab[0] - self._starts[first], slab[1] - slab[0])


def _state(file: str) -> tuple[int, ...]:
    """What changes with a file on disk; one in the storage never does."""
    if "://" in file:
        return ()
    state = Path(file).stat()
    return state.st_size, state.st_mtime_ns


def _cut(slab: Slab, rows: int) -> Iterator[Slab]:
    for start in range(*slab, rows):
        yield start, min(start + rows, slab[1])


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers in as few bytes as they need."""
    column = frame.to_series()
    return (column.shrink_dtype() if column.dtype.is_integer() else column).to_frame()
