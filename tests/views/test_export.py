"""Whole tables as files, from the tables of a build."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import IO, cast

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.files import FileSource
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables import parquet
from blast_artifacts.tables.part import PartOptions, write_part
from blast_artifacts.views import all_rows
from blast_artifacts.views.export import FORMATS, NoSequences, parse_export, write_export
from blast_artifacts.views.parts import Tables, scan

FASTA = parse_export({"table": "alignments", "format": "fasta"})


def tables(folder: Path, spec: str, row: str) -> Tables:
    """The tables of one tabular file."""
    path = folder / "hits.tsv"
    path.write_text(row + "\n")
    options = PartOptions(lambda _: ReadOptions(parse_outfmt(spec)))
    part = write_part([(FileSource(path, path.name), 0)], folder, 0, options)
    return scan([{"hits": part.hits, "pairs": part.pairs, "queries": part.queries}])


def test_a_fasta_record_says_place_and_strand_and_has_no_gaps(tmp_path: Path) -> None:
    found = tables(tmp_path, "6 qseqid sseqid sstart send evalue sseq", "q1\ts1\t9\t3\t1e-05\tAC-GTAC-A")
    target = tmp_path / "out.fasta"
    assert write_export(FASTA, found, target) == 1
    assert target.read_text() == ">s1:3-9(-) q1 1e-05\nACGTACA\n"


def test_what_a_fasta_record_does_not_know_is_a_dash(tmp_path: Path) -> None:
    found = tables(tmp_path, "6 qseqid sseqid sstart send sseq", "q1\ts1\t3\t9\tACGTACA")
    target = tmp_path / "out.fasta"
    write_export(FASTA, found, target)
    assert target.read_text() == ">s1:3-9(+) q1 -\nACGTACA\n"


def test_a_fasta_without_places_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    found = tables(tmp_path, "6 qseqid sseqid evalue sseq", "q1\ts1\t1e-05\tACGTACA")
    target = tmp_path / "out.fasta"
    with pytest.raises(NoSequences, match="1 alignment has no sequence or no place"):
        write_export(FASTA, found, target)
    assert not target.exists()


def test_text_that_a_spreadsheet_would_run_is_kept_from_it_and_keys_are_kept_whole(tmp_path: Path) -> None:
    found = tables(tmp_path, "6 qseqid sseqid evalue stitle", "=q1\t@s1\t1e-05\t-1+2")
    target = tmp_path / "out.csv"
    for safe, cells in (("1", ("'=q1", "'@s1", "'-1+2")), ("0", ("=q1", "@s1", "-1+2"))):
        write_export(parse_export({"table": "alignments", "safe": safe}), found, target)
        (row,) = csv.DictReader(target.read_text().splitlines())
        assert (row["qseqid"], row["sseqid"], row["stitle"]) == cells
        assert (row["query_key"], row["evalue"]) == ("@0:0", "0.00001")


@pytest.mark.parametrize("rows", [0, 1000])
def test_a_parquet_file_is_written_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    lines = "\n".join(f"q{number // 7}\ts{number % 11}\t{number}" for number in range(1000))
    found = tables(tmp_path, "6 qseqid sseqid bitscore", lines)
    monkeypatch.setattr(all_rows, "SORTED_ROWS", 64)
    asked = {"table": "alignments", "format": "parquet", "sort": "bitscore", "order": "desc"}
    export = parse_export(asked | ({} if rows else {"query": "nobody"}))
    for target in (tmp_path / "out.parquet", io.BytesIO()):
        assert write_export(export, found, target) == rows
        if not isinstance(target, Path):
            target.seek(0)
        table = pl.read_parquet(target)
        assert table["bitscore"].to_list() == [float(number) for number in reversed(range(rows))]
        assert table.columns[:3] == ["query_key", "source", "qtitle"]


def test_a_target_that_refuses_ends_a_parquet_file(tmp_path: Path) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            raise OSError("full")

    found = tables(tmp_path, "6 qseqid sseqid bitscore", "q\ts\t1")
    export = parse_export({"table": "alignments", "format": "parquet"})
    with pytest.raises(OSError, match="full"):
        write_export(export, found, cast("IO[bytes]", Full()))


def test_long_rows_behind_short_ones_are_held_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"q\ts\t1\t{letters}\t{'A' * letters}" for letters in [5] * 300 + [4000] * 60]
    found = tables(tmp_path, "6 qseqid sseqid sstart send sseq", "\n".join(rows))
    monkeypatch.setattr(all_rows, "PIECE_BYTES", 100_000)
    pieces = list(all_rows.every_row(parse_export({"table": "alignments"}).question, found))
    assert max(rows["sseq"].str.len_bytes().sum() for rows in pieces) <= 100_000 < 60 * 4000
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100_000)
    target = tmp_path / "out.parquet"
    assert write_export(parse_export({"table": "alignments", "format": "parquet"}), found, target) == 360
    assert (parquet.group_rows(str(target), {}) or 0) <= 16 * 32
    assert pl.read_parquet(target)["send"].to_list() == [5] * 300 + [4000] * 60


RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet begins a formula with, in every width that it knows."""


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(RUNS), st.text("ab1=,\"'|;<>&", min_size=1, max_size=12))
def test_no_text_cell_is_run_by_a_spreadsheet_and_no_number_is_changed(
    tmp_path_factory: pytest.TempPathFactory, begins: str, rest: str
) -> None:
    text = begins + rest
    folder = tmp_path_factory.mktemp("formula")
    row = f"{text}\t{text}\t-12.5\t1e-05\t{text}"
    found = tables(folder, "6 qseqid sseqid bitscore evalue stitle", row)
    for table in FORMATS:
        for form, mark in (("csv", ","), ("tsv", "\t"), ("ncbi-csv", ",")):
            if form in FORMATS[table]:
                name = table.removeprefix("result_")
                safe, raw = (cells(found, name, form, mark, given) for given in ("1", "0"))
                assert not [cell for cell in safe if cell.startswith(RUNS) and not is_ours(cell)]
                assert [
                    cell.removeprefix("'") if text in cell else cell for cell in safe if text in cell
                ] == [cell for cell in raw if text in cell]


def cells(found: Tables, table: str, form: str, mark: str, safe: str) -> list[str]:
    file = io.BytesIO()
    write_export(parse_export({"table": table, "format": form, "safe": safe}), found, file)
    rows = csv.reader(io.StringIO(file.getvalue().decode(), newline=""), delimiter=mark)
    return [cell for row in rows for cell in row]


def is_ours(cell: str) -> bool:
    """Whether a cell is a number, or a key of a query."""
    if re.fullmatch(r"@\d+:\d+", cell):
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return True
