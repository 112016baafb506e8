"""Rows of a part table by their places."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest

from blast_artifacts.tables.parquet import ParquetStream
from blast_artifacts.views import part_table
from blast_artifacts.views.part_table import PartTable

SCHEMA = pl.Schema({"number": pl.Int64(), "text": pl.String(), "list": pl.List(pl.String())})


def table(files: list[Path]) -> PartTable:
    return PartTable(files, SCHEMA, {}, {})


def numbered(first: int, rows: int, letters: int) -> pl.DataFrame:
    """Rows whose text is their number, filled up to so many letters."""
    number = pl.int_range(first, first + rows, dtype=pl.Int64)
    text = number.cast(pl.String).str.zfill(letters)
    return pl.select(number=number, text=text, list=pl.concat_list(text.str.tail(9)))


def test_rows_come_in_the_order_asked_for_from_any_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_table, "fitting_rows", lambda _: 8)
    files = []
    for number, (first, rows) in enumerate([(0, 50), (50, 0), (50, 1), (51, 149)]):
        files.append(tmp_path / f"{number}.parquet")
        numbered(first, rows, 12).write_parquet(files[-1], row_group_size=7)
    everything = numbered(0, 200, 12)
    for places in ([], [50], [199, 0, 51, 49, 50], list(range(199, -1, -1)), list(range(0, 200, 4))):
        found = table(files).rows(pl.Series(places, dtype=pl.Int64), SCHEMA.names())
        assert found.equals(everything[places]), places
        assert found.schema == SCHEMA


LETTERS, ROWS = 500, 400_000
STATUS = Path("/proc/self/status")


def _most_mb() -> int:
    """The most memory that this process has held."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _growth_of_reading(path: Path) -> tuple[int, int]:
    """The rows that were read, and the memory in MB that the process took for it."""
    read = table([path])
    read.rows(pl.Series([0]), SCHEMA.names())
    before = _most_mb()
    rows = read.rows(pl.int_range(7, ROWS, ROWS // 100, eager=True), SCHEMA.names())
    return rows.height, _most_mb() - before


@pytest.mark.skipif(not STATUS.exists(), reason="the kernel tells no process's memory")
def test_rows_from_all_over_a_file_do_not_bring_all_of_it_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "far.parquet"
    with ParquetStream(path, SCHEMA) as stream:
        for first in range(0, ROWS, 50_000):
            stream.append(numbered(first, 50_000, LETTERS))
    with get_context("spawn").Pool(1) as pool:
        rows, growth = pool.apply(_growth_of_reading, (path,))
    assert rows == 100
    assert growth < LETTERS * ROWS / 1e6 / 2
