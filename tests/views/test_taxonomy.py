"""Organisms: counts are subjects, a subject of several taxids counts for each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import subjects
from tests.views.built import CASES, FIELDS, artifact, build, folder_of, outfmt6_row

ROWS = [
    ("q1", "a", 90, "9606"),
    ("q1", "b", 80, "9606;10090"),
    ("q1", "c", 70, "0"),
    ("q2", "a", 60, "9606"),
    ("q2", "d", 50, "N/A"),
    ("q2", "e", 40, "0;562"),
]


def taxonomy(folder: Path) -> dict[str, Any]:
    text = ""
    for name in ("q1", "q2"):
        rows = [outfmt6_row(*row[:3], f"\t{row[3]}") for row in ROWS if row[0] == name]
        text += f"# BLASTN 2.12.0+\n# Query: {name}\n# Database: db\n# Fields: {FIELDS}\n# 3 hits found\n"
        text += "\n".join(rows) + "\n"
    found: dict[str, Any] = artifact(build(folder_of(folder, {"r.out": text})), ArtifactType.TAXONOMY)
    return found


def test_subjects_count_once_for_each_of_their_taxids(tmp_path: Path) -> None:
    counts = {
        row["taxid"]: (row["subjects"], row["pairs"], row["hsps"]) for row in taxonomy(tmp_path)["rows"]
    }
    assert counts == {9606: (2, 3, 3), 10090: (1, 1, 1), 562: (1, 1, 1)}


def test_subjects_without_a_taxid_have_a_bucket_of_their_own(tmp_path: Path) -> None:
    found = taxonomy(tmp_path)
    assert found["unassigned"] == {
        "subjects": 2,
        "pairs": 2,
        "hsps": 2,
        "best_bits": 70.0,
        "best_evalue": 1e-30,
    }
    assert (found["subjects"], found["subjects_with_several_taxids"]) == (5, 1)


def test_taxa_are_ordered_by_their_best_hit(tmp_path: Path) -> None:
    assert [row["taxid"] for row in taxonomy(tmp_path)["rows"]] == [9606, 10090, 562]


def test_counting_in_shares_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = build(CASES / "same-search" / "outfmt15.json").artifacts
    monkeypatch.setattr(subjects, "AT_ONCE", 2)
    assert build(CASES / "same-search" / "outfmt15.json").artifacts == whole


def test_a_format_without_taxids_has_no_organisms_and_says_so() -> None:
    found = artifact(build(CASES / "same-search" / "outfmt5.xml"), ArtifactType.TAXONOMY)
    assert (found["rows"], found["unassigned"]["subjects"], found["organism_source"]) == ([], 6, None)
    assert "no_taxids_in_format" in {warning["code"] for warning in found["warnings"]}


def test_names_stand_with_their_taxids(tmp_path: Path) -> None:
    fields = FIELDS + ", subject sci names"
    row = outfmt6_row("q1", "a", 90, "\t9606;10090\tHomo sapiens;Mus musculus")
    text = f"# BLASTN 2.12.0+\n# Query: q1\n# Database: db\n# Fields: {fields}\n# 1 hits found\n{row}\n"
    rows = artifact(build(folder_of(tmp_path, {"r.out": text})), ArtifactType.TAXONOMY)["rows"]
    assert {row["taxid"]: row["name"] for row in rows} == {9606: "Homo sapiens", 10090: "Mus musculus"}
