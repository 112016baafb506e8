"""Whole tables as files, from the tables of a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from blast_artifacts.files import FileSource
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables.part import PartOptions, write_part
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
