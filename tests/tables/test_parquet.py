from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from blast_artifacts.tables import parquet
from blast_artifacts.tables.parquet import ParquetStream, scan

SCHEMA = pl.Schema({"n": pl.Int64(), "text": pl.String(), "many": pl.List(pl.Int64())})


def frame(start: int, rows: int, letters: int = 5) -> pl.DataFrame:
    numbers = range(start, start + rows)
    return pl.DataFrame(
        {"n": numbers, "text": ["x" * letters] * rows, "many": [[n, n] for n in numbers]}, schema=SCHEMA
    )


def test_rows_come_back_in_the_order_they_went_in(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with ParquetStream(path, SCHEMA) as stream:
        for start in range(0, 1000, 10):
            stream.append(frame(start, 10))
    assert pl.read_parquet(path)["n"].to_list() == list(range(1000))
    assert [file.name for file in tmp_path.iterdir()] == ["t.parquet"]


def test_a_table_without_rows_is_a_file_with_its_columns(tmp_path: Path) -> None:
    with ParquetStream(tmp_path / "t.parquet", SCHEMA):
        pass
    assert pl.read_parquet(tmp_path / "t.parquet").schema == SCHEMA


def test_far_longer_rows_later_on_make_smaller_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100_000)
    path = tmp_path / "t.parquet"
    schema = pl.Schema({**SCHEMA, "more": pl.String()})
    with ParquetStream(path, schema) as stream:
        stream.append(frame(0, 500))
        stream.append(frame(500, 50, letters=20_000))
        stream.append(frame(550, 500))
        stream.append(frame(1050, 500).with_columns(more=pl.lit("of another column")))
    assert (parquet.group_rows(str(path), {}) or 0) <= 8
    assert pl.read_parquet(path)["n"].to_list() == list(range(1550))
    assert [file.name for file in tmp_path.iterdir()] == ["t.parquet"]


def test_columns_without_any_value_are_left_out_and_come_back(tmp_path: Path) -> None:
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    without = frame(0, 5).with_columns(text=pl.lit(None, pl.String), many=pl.lit(None, pl.List(pl.Int64)))
    with ParquetStream(first, SCHEMA) as stream:
        stream.append(without)
    with ParquetStream(second, SCHEMA) as stream:
        stream.append(without)
        stream.append(frame(5, 5))
        stream.append(without)
    assert pl.read_parquet_schema(first).keys() == {"n"}
    assert pl.read_parquet_schema(second) == SCHEMA
    rows = scan([first, second], SCHEMA, {}).collect()
    assert rows.equals(pl.concat([without, without, frame(5, 5), without]))
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["1.parquet", "2.parquet"]


@pytest.mark.parametrize(("megabytes", "rows"), [(0, 2048), (128, 2048), (129, 6144), (1000, 32_768)])
def test_the_groups_of_a_large_input_grow_with_it(tmp_path: Path, megabytes: int, rows: int) -> None:
    path = tmp_path / "t.parquet"
    with ParquetStream(path, SCHEMA, megabytes << 20) as stream:
        stream.append(frame(0, 40_000))
    assert parquet.group_rows(str(path), {}) == rows
    assert pl.read_parquet(path)["n"].to_list() == list(range(40_000))


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with ParquetStream(tmp_path / "t.parquet", SCHEMA) as stream:
            stream.append(frame(0, 10))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_written_is_an_error_of_the_writer(tmp_path: Path) -> None:
    def write() -> None:
        with ParquetStream(tmp_path / "no" / "t", SCHEMA) as stream:
            for start in range(50):
                stream.append(frame(start, 1))

    with pytest.raises(OSError, match="No such file"):
        write()
