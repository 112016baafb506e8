"""Rows of the tabular formats: which lines are rows, what their cells are, and the table they make.

Every row reaches Polars' CSV reader as a line with exactly the expected number of cells. `read_rows` proves
that for a whole region at once; where the proof fails `split_row` decides line by line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from blast_artifacts.reading.damage import CONVERGED
from blast_artifacts.reading.hits import INTEGER, REAL, TEXT
from blast_artifacts.reading.labels import FREE_TEXT, SOURCES, kind_of
from blast_artifacts.reading.lines import BOM, has_bom

_INTEGER = re.compile(rb"[+-]?\d+")
_REAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NAMES = frozenset((*SOURCES["qseqid"], *SOURCES["sseqid"], "sallseqid"))
_TYPES = {TEXT: pl.String(), INTEGER: pl.Int64(), REAL: pl.Float64()}


@dataclass(frozen=True)
class Shape:
    """The columns of a file's rows: specifiers or unknown labels, each name once, and what parts them."""

    columns: tuple[str, ...]
    delimiter: bytes

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kind of each column."""
        return tuple(kind_of(name) for name in self.columns)

    @cached_property
    def free(self) -> tuple[int, ...]:
        """Positions of the columns that may hold the delimiter: free text, else a lone text (not a tab)."""
        free = tuple(place for place, name in enumerate(self.columns) if name in FREE_TEXT)
        texts = tuple(place for place, kind in enumerate(self.kinds) if kind == TEXT)
        return free or (texts if len(texts) == 1 and self.delimiter != b"\t" else ())

    @cached_property
    def schema(self) -> pl.Schema:
        """The columns as Polars reads them."""
        return pl.Schema({name: _TYPES[kind] for name, kind in zip(self.columns, self.kinds, strict=True)})

    @cached_property
    def missing(self) -> dict[str, str]:
        """BLAST's word for nothing, by column: an id may really be called N/A."""
        return {name: "N/A" for name in self.columns if name not in _NAMES}


def read_rows(region: bytes, lines: int, shape: Shape) -> pl.DataFrame | None:
    """The table of a region of `lines` whole lines, or None where not every line is plainly a row.

    A line with too many cells is an error of the CSV reader; so if none has too many and the delimiters are
    as many as all lines need, every line has exactly its cells.
    """
    if b"\r" in region:
        region = region.replace(b"\r\n", b"\n")
        if b"\r" in region:
            return None
    delimiter = shape.delimiter
    if b"\0" in region or (has_bom(region) and (b"\n" + BOM in region or region.startswith(BOM))):
        return None
    if delimiter != b"\t" and b"\t" in region:
        return None
    if len(delimiter) > 1 or delimiter >= b"\x80":
        region, delimiter = region.replace(delimiter, b"\t"), b"\t"
    if b"Warning: [" in region or CONVERGED in region:
        return None
    width = len(shape.columns)
    if region.count(delimiter) != lines * (width - 1):
        return None
    if width == 1 and (region.startswith(b"\n") or b"\n\n" in region):
        return None
    try:
        table = _csv(region, shape, delimiter.decode())
    except pl.exceptions.PolarsError:
        return None
    if table.height != lines or not _finite(table, shape) or _has_blank(table):
        return None
    return table


def _csv(region: bytes, shape: Shape, separator: str) -> pl.DataFrame:
    return pl.read_csv(
        region,
        has_header=False,
        separator=separator,
        quote_char=None,
        schema=shape.schema,
        null_values=shape.missing,
        low_memory=False,
        glob=False,
    )


def _finite(table: pl.DataFrame, shape: Shape) -> bool:
    reals = [name for name, kind in zip(shape.columns, shape.kinds, strict=True) if kind == REAL]
    if not reals:
        return True
    return all(table.select(pl.col(reals).is_finite().all()).row(0))


def _has_blank(table: pl.DataFrame) -> bool:
    """Whether a row may be a line of white space, which is none."""
    first, *others = (
        pl.col(name).str.strip_chars().fill_null("") == "" if kind == pl.String else pl.col(name).is_null()
        for name, kind in table.schema.items()
    )
    begun = table.filter(first)
    return bool(begun.height and begun.select(pl.all_horizontal(pl.lit(True), *others).any()).item())


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted line as clean UTF-8 with tabs between its cells, and what had to be done for it."""

    line: bytes
    latin1: bool = False
    ambiguous: bool = False
    soaked: bool = False
    too_large: bool = False


def split_row(line: bytes, shape: Shape) -> Row | None:
    """The row that a line without its line end is, or None."""
    if b"\0" in line:
        return None
    cells = line.split(shape.delimiter)
    ambiguous = False
    soaked = len(cells) > len(shape.columns)
    if soaked:
        joined = _soak(cells, shape)
        if joined is None:
            return None
        cells, ambiguous = joined
    if len(cells) != len(shape.columns):
        return None
    latin1 = too_large = False
    for place, kind in enumerate(shape.kinds):
        if kind == TEXT:
            text, odd = clean_text(cells[place])
            cells[place] = text.replace("\t", " ").encode()
            latin1 |= odd
        else:
            cells[place] = cells[place].strip()
            if not is_number(cells[place], kind):
                return None
            if kind == REAL and _REAL.fullmatch(cells[place]) and math.isinf(float(cells[place])):
                cells[place], too_large = b"", True
    return Row(b"\t".join(cells), latin1, ambiguous, soaked, too_large)


def _soak(cells: list[bytes], shape: Shape) -> tuple[list[bytes], bool] | None:
    """Cells that a delimiter within free text made too many, put back into the column they came from.

    With several free-text columns side by side nobody can tell where one ends: their text is left out and
    the rest of the row kept.
    """
    if not shape.free:
        return None
    first, last = shape.free[0], shape.free[-1]
    behind = len(shape.columns) - 1 - last
    left, right = cells[:first], cells[len(cells) - behind :]
    if first == last:
        return [*left, shape.delimiter.join(cells[first : len(cells) - behind]), *right], False
    if last - first + 1 == len(shape.free):
        return [*left, *[b""] * len(shape.free), *right], True
    return None


def is_number(cell: bytes, kind: str) -> bool:
    """Whether a cell is a number of its kind, or empty."""
    if cell in (b"", b"N/A"):
        return True
    if kind == INTEGER:
        return bool(_INTEGER.fullmatch(cell)) and abs(int(cell)) < 1 << 63
    return bool(_REAL.fullmatch(cell))


def clean_text(raw: bytes) -> tuple[str, bool]:
    """Text of bytes that should be UTF-8, and whether they had to be taken as Latin-1."""
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        return raw.decode("latin-1"), True


def table_of(rows: Sequence[Row], shape: Shape) -> pl.DataFrame:
    """The table of rows that were accepted one by one."""
    if not rows:
        return pl.DataFrame(schema=shape.schema)
    table = _csv(b"".join(row.line + b"\n" for row in rows), shape, "\t")
    if table.height != len(rows):
        raise AssertionError("rows were lost between the exact reader and the CSV reader")
    return table


def fits_std(cells: Sequence[bytes]) -> bool:
    """Whether twelve cells have the kinds and the ranges of the default columns."""
    if len(cells) != 12 or not cells[0] or not cells[1]:
        return False
    numbers = [cell.strip() for cell in cells[2:]]
    if not all(_REAL.fullmatch(cell) for cell in (numbers[0], *numbers[8:])):
        return False
    if not all(_INTEGER.fullmatch(cell) for cell in numbers[1:8]):
        return False
    return 0 <= float(numbers[0]) <= 100 and float(numbers[8]) >= 0 and all(int(n) >= 0 for n in numbers[1:8])


def all_fit_std(table: pl.DataFrame) -> bool:
    """Whether `fits_std` holds for every row of a table of the default columns."""
    identity, evalue = table.columns[2], table.columns[10]
    counts = table.columns[3:10]
    ranges = [pl.col(identity).is_between(0, 100), pl.col(evalue) >= 0, pl.col(counts) >= 0]
    given = pl.all_horizontal(pl.all().is_not_null(), *ranges)
    return bool(table.select(given.all()).item())


def plausible_std(rows: Sequence[Sequence[bytes]]) -> bool:
    """Whether most rows can be the default columns: no more mismatches than letters that differ."""
    believed = 0
    for cells in rows:
        if fits_std(cells):
            identity, length, mismatches, gaps = float(cells[2]), *map(int, cells[3:6])
            differing = length * (1 - identity / 100)
            believed += mismatches + gaps <= differing + 1 + 0.0001 * length
    return 2 * believed > len(rows)
