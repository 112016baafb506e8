"""One table of all parts: its small columns whole, its rows one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from blast_artifacts.tables.parquet import fitting_rows, group_rows, scan
from blast_artifacts.views import resident
from blast_artifacts.views.canonical import digest
from blast_artifacts.views.shortened import shortened_columns

SLAB = 1 << 21
"""Rows whose numbers are gone through together."""

TEXT_SLAB = SLAB >> 3
"""Rows whose texts are: these do not stay in memory."""

SIDE_BY_SIDE = 32
"""Stretches that are read together, each of a row group at most."""

FILES_OPEN = 16
"""Of which is kept what their ends say of the rest: up to some 10 MB each."""

_SAMPLE = 64

_APART = pl.QueryOptFlags(comm_subplan_elim=False)
"""Else Polars reads a file of which several stretches are wanted once, and whole."""

Slab = tuple[int, int]
"""Rows from, and up to but not including."""

Make = Callable[[pl.LazyFrame], pl.LazyFrame]
"""Makes one column of a table's columns, a value a row."""


class PartTable:
    """The rows of a table in part order; `place` is the ordinal of a row in all of them.

    `keys` are columns that rows are compared and ordered by other than as they are stored. Files that are the
    same by path, size and time share what is in memory. Texts have `longest` letters at most, where it is
    given.
    """

    def __init__(
        self,
        files: Sequence[str | Path],
        schema: pl.Schema,
        keys: Mapping[str, pl.Expr],
        storage: Mapping[str, Any],
        longest: int | None = None,
    ) -> None:
        self._longest = longest
        self._files = [str(file) for file in files]
        self._storage = storage if any("://" in file for file in self._files) else {}
        self.schema = schema
        self.keys = dict(keys)

    @cached_property
    def mark(self) -> str:
        """What these files are, in a word."""
        return digest([self._longest, *([file, *_state(file)] for file in self._files)])

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
        return self._scan(self._files) if self._files else pl.LazyFrame(schema=self.schema)

    def _scan(self, files: list[str]) -> pl.LazyFrame:
        if len(files) == 1:
            return self._open(*files)
        return self._shortened(scan(files, self.schema, self._storage))

    def _open(self, file: str) -> pl.LazyFrame:
        if self._storage:
            return self._shortened(scan([file], self.schema, self._storage))
        return self._shortened(_opened(file, tuple(self.schema.items()), *_state(file)))

    def _shortened(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        return shortened_columns(rows, self.schema, self._longest) if self._longest else rows

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
        stretches = list(self._stretches(places.gather(ascending)))
        bunches = (stretches[at : at + SIDE_BY_SIDE] for at in range(0, len(stretches), SIDE_BY_SIDE))
        read = [self._together(few, columns) for few in bunches]
        if not read:
            return pl.DataFrame(schema={name: self.schema[name] for name in columns})
        return pl.concat(read)[ascending.arg_sort()]

    def _slab_at(self, start: int) -> Slab:
        return start, min(start + SLAB, self.height)

    def _none(self, name: str) -> pl.Series:
        return (
            pl.DataFrame(schema=self.schema).select(self.keys.get(name, pl.col(name)).alias(name)).to_series()
        )

    def _stretches(self, places: pl.Series) -> Iterator[_Stretch]:
        """Cut where a file ends and at every span: of a row group is read once what is wanted of it."""
        starts = pl.Series(self._starts, dtype=pl.Int64)
        file = (starts.search_sorted(places, side="right") - 1).cast(pl.Int64)
        spans = {number: self._span(number) for number in file.unique()}
        rows = pl.DataFrame({"file": file, "row": places - starts.gather(file)}).with_columns(
            span=pl.col("file").replace_strict(spans, return_dtype=pl.Int64)
        )
        row, span = pl.col("row"), pl.col("span")
        apart = (pl.col("file").diff() != 0) | ((row // span).diff() != 0)
        cut = rows.group_by(apart.fill_null(True).cum_sum().alias("stretch"), maintain_order=True)
        found = cut.agg(pl.col("file").first(), first=row.first(), last=row.last(), at=row - row.first())
        for _, number, first, last, at in found.iter_rows():
            yield _Stretch(self._files[number], first, last - first + 1, at)

    def _span(self, number: int) -> int:
        """How many rows of a file are read in one go: as many as a row group has."""

        def load() -> pl.DataFrame:
            if rows := group_rows(self._files[number], self._storage):
                return pl.DataFrame({"rows": [rows]})
            some = self._open(self._files[number]).head(_SAMPLE).collect()
            told = [column for column in some if column.null_count() < some.height]
            return pl.DataFrame({"rows": [fitting_rows(pl.DataFrame(told))]})

        return int(resident.hold((self.mark, "span", number), load).item())

    def _together(self, few: list[_Stretch], columns: Sequence[str]) -> pl.DataFrame:
        opened = {file: self._open(file).select(columns) for file in {each.file for each in few}}
        lazy = [opened[each.file].slice(each.first, each.rows) for each in few]
        read = pl.collect_all(lazy, optimizations=_APART)
        found = pl.concat(
            rows if rows.height == len(each.at) else rows[each.at]
            for rows, each in zip(read, few, strict=True)
        )
        is_all = found.height == sum(each.rows for each in few) and not self._longest
        return found if is_all else _alone(found)

    def _read(self, slab: Slab) -> pl.LazyFrame:
        first, last = bisect_right(self._starts, slab[0]) - 1, bisect_right(self._starts, slab[1] - 1) - 1
        rows = self._scan(self._files[first : last + 1])
        return rows.slice(slab[0] - self._starts[first], slab[1] - slab[0])


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows of a file that are read in one go, and which of them are wanted, counted from the first."""

    file: str
    first: int
    rows: int
    at: list[int]


def _alone(frame: pl.DataFrame) -> pl.DataFrame:
    """A copy without what lies between: in Polars few texts keep alive all that were read with them."""
    copy = BytesIO()
    frame.write_ipc(copy)
    copy.seek(0)
    return pl.read_ipc(copy)


@lru_cache(FILES_OPEN)
def _opened(file: str, schema: tuple[tuple[str, pl.DataType], ...], *_: int) -> pl.LazyFrame:
    """A file on disk; Polars reads its end once for all that is asked of this."""
    return scan([file], pl.Schema(schema), {})


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
