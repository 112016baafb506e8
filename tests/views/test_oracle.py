"""The descriptions against the table that BLAST+ itself prints for the same search."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from blast_artifacts.terms import ArtifactType
from tests.views.built import CASES, artifact, build

SEQUENCES = CASES.parent / "sequences"
Printed = tuple[str, str, float, float, int, float, int]

pytestmark = pytest.mark.skipif(shutil.which("blastn") is None, reason="BLAST+ is not installed")


def _run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return done.stdout


def _printed(report: str) -> list[Printed]:
    """(query, subject, max, total, cover, E, identity) of each line of the tables, in order."""
    rows: list[Printed] = []
    for section in report.split("\nQuery= ")[1:]:
        query = section.split(maxsplit=1)[0]
        table = section.partition("Sequences producing significant alignments:")[2].partition("\n>")[0]
        for line in table.splitlines()[1:]:
            cells = line.split()
            if len(cells) > 5 and cells[-1].endswith("%"):
                best, total, cover, evalue, identity = (cell.rstrip("%") for cell in cells[-5:])
                scores = float(best), float(total)
                rows.append((query, cells[0], *scores, int(cover), _evalue(evalue), int(identity)))
    return rows


def _evalue(text: str) -> float:
    return float(f"1{text}" if text.startswith("e") else text)


def _subject(text: str) -> str:
    found = re.fullmatch(r"(?:sp|ref|gb|emb|lcl)\|([^|]+)\|?.*", text)
    return found[1] if found else text


@pytest.mark.parametrize(
    ("program", "kind", "file"), [("blastn", "nucl", "nucleotides"), ("blastp", "prot", "proteins")]
)
def test_rows_and_columns_are_those_of_blasts_own_table(
    program: str, kind: str, file: str, tmp_path: Path
) -> None:
    fasta, database = SEQUENCES / f"{file}.fa", tmp_path / "db"
    _run("makeblastdb", "-in", fasta, "-dbtype", kind, "-parse_seqids", "-out", database)
    query = tmp_path / "query.fa"
    query.write_text(">" + ">".join(fasta.read_text().split(">")[1:9]))
    search = (program, "-db", database, "-query", query, "-evalue", "1e-3")
    (tmp_path / "result.json").write_text(_run(*search, "-outfmt", "15"))
    built = build(tmp_path / "result.json")
    assert built.summary["pairs"] <= 100, "all pairs must be on the first page"
    ours = artifact(built, ArtifactType.DESCRIPTIONS)["rows"]
    theirs = _printed(_run(*search, "-outfmt", "0", "-sorthits", "0"))
    assert len(ours) == len(theirs) > 8
    # Subjects that tie in every column stand in the order of their accessions here, of the database there.
    printed = {(row[0], _subject(row[1])): row[2:] for row in theirs}
    in_our_order = [printed[row["query"], row["subject"]] for row in ours]
    assert in_our_order == [row[2:] for row in theirs]
    for row, (best, total, cover, evalue, identity) in zip(ours, in_our_order, strict=True):
        assert row["max_score"] == pytest.approx(best, rel=0.01, abs=0.6)
        assert row["total_score"] == pytest.approx(total, rel=0.01, abs=0.6)
        assert int(row["query_cover"]) == cover
        assert row["evalue"] == pytest.approx(evalue, rel=0.5, abs=1e-180)
        assert row["per_ident"] == pytest.approx(identity, abs=0.51)
