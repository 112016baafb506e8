"""Whole tables as files, from the tables of a build."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import IO, cast

import polars as pl
import pytest

from blast_artifacts.files import FileSource
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables.part import PartOptions, write_part
from blast_artifacts.views import all_rows
from blast_artifacts.views.export import NoSequences, parse_export, write_export
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


def test_a_fasta_without_places_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    found = tables(tmp_path, "6 qseqid sseqid evalue sseq", "q1\ts1\t1e-05\tACGTACA")
    target = tmp_path / "out.fasta"
    with pytest.raises(NoSequences, match="1 alignments have no sequence or no place"):
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
    with pytest.raises(pl.exceptions.PolarsError):
        write_export(export, found, cast("IO[bytes]", Full()))
