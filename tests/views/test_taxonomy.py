"""Organisms: counts are subjects, a subject of several taxids counts for each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blast_artifacts.files import FileSource
from blast_artifacts.tables.taxdump import write_table
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import subjects
from blast_artifacts.views.answer import answer
from blast_artifacts.views.build import Built, build_result
from blast_artifacts.views.parts import scan
from blast_artifacts.views.question import parse_question
from tests.conftest import app_settings
from tests.data.taxdumps import write_taxdump
from tests.views.built import CASES, FIELDS, LOCAL, artifact, build, codes, folder_of, outfmt6_row, outfmt7

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


BATCH, SHARD = "batch_00{0}-blastn-db.out", "shard_0{0}/batch_000-blastn-db_shard_0{0}.out"


@pytest.mark.parametrize(
    ("name", "parts", "pairs"), [(BATCH, 1, 3), (BATCH, 3, 3), (SHARD, 1, 1), (SHARD, 3, 1)]
)
def test_a_subject_has_the_taxids_of_the_first_file_that_tells_them(
    tmp_path: Path, name: str, parts: int, pairs: int
) -> None:
    """Of `both` the second file tells other taxids than the third; `none` has them nowhere."""
    files: dict[str, str | bytes] = {}
    for number, taxids in enumerate(("0", "9606", "562")):
        rows = [outfmt6_row("q", "both", 90, f"\t{taxids}"), outfmt6_row("q", "none", 80, "\tN/A")]
        head = f"# BLASTN 2.12.0+\n# Query: q\n# Database: db\n# Fields: {FIELDS}\n# 2 hits found\n"
        files[name.format(number)] = head + "\n".join(rows) + "\n# BLAST processed 1 queries\n"
    with app_settings({"PART_FILES": str(3 // parts)}):
        built = build(folder_of(tmp_path, files))
    found = artifact(built, ArtifactType.TAXONOMY)
    counts = [(row["taxid"], row["subjects"], row["pairs"], row["hsps"]) for row in found["rows"]]
    assert counts == [(9606, 1, pairs, 3)]
    assert (found["unassigned"]["subjects"], found["unassigned"]["pairs"]) == (1, pairs)
    tops = artifact(built, ArtifactType.AGGREGATE)["top_subjects"]
    assert [(top["subject"], top["taxids"]) for top in tops] == [("both", [9606]), ("none", None)]


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


@pytest.fixture
def table(tmp_path: Path) -> Taxonomy:
    write_table(write_taxdump(tmp_path / "dump"), tmp_path / "taxonomy.parquet")
    return Taxonomy.opened(tmp_path / "taxonomy.parquet")


LINES = [
    ("human", 100, "9606"),
    ("human2", 99.5, "9606"),
    ("chimp", 99.5, "9598"),
    ("mouse", 80, "10090"),
    ("both", 70, "9606;562"),
    ("old", 60, "469598"),
    ("gone", 50, "99999999"),
]


def classified(folder: Path, table: Taxonomy, lines: list[tuple[str, float, str]] = LINES) -> Built:
    rows = "\n".join(outfmt6_row("q1", subject, bits, f"\t{taxids}") for subject, bits, taxids in lines)
    head = f"# BLASTN 2.12.0+\n# Query: q1\n# Database: db\n# Fields: {FIELDS}\n# {len(lines)} hits found\n"
    text = f"{head}{rows}\n# BLAST processed 1 queries\n"
    return build(folder_of(folder / "results", {"r.out": text}), taxonomy=table)


def test_a_table_gives_names_ranks_and_lineages(tmp_path: Path, table: Taxonomy) -> None:
    built = classified(tmp_path, table)
    found = artifact(built, ArtifactType.TAXONOMY)
    human = found["rows"][0]
    assert (human["taxid"], human["name"], human["rank"], human["blast_name"]) == (
        9606, "Homo sapiens", "species", "primates",
    )  # fmt: skip
    assert human["lineage"][-2:] == [
        {"taxid": 9604, "name": "Hominidae", "rank": "family"},
        {"taxid": 9605, "name": "Homo", "rank": "genus"},
    ]
    assert found["lineage_source"] == "taxonomy_table"
    assert "no_taxonomy_table" not in codes(built)
    now = {row["taxid"]: row["current_taxid"] for row in found["rows"]}
    assert (now[9606], now[469598], now[99999999]) == (9606, 562, None)


def test_organisms_know_how_far_they_are_from_the_best(tmp_path: Path, table: Taxonomy) -> None:
    rows = artifact(classified(tmp_path, table), ArtifactType.TAXONOMY)["rows"]
    assert {row["taxid"]: row["distance"] for row in rows} == {
        9606: 0, 9598: 2, 10090: 4, 562: 7, 469598: 7, 99999999: None,
    }  # fmt: skip


def test_the_tree_adds_up_and_shows_only_branches_that_meet(tmp_path: Path, table: Taxonomy) -> None:
    top = artifact(classified(tmp_path, table), ArtifactType.TAXONOMY)["tree"]
    assert (top["name"], top["hits"], top["organisms"], top["left_out"]) == ("cellular organisms", 7, 4, 0)
    mammals, coli = top["children"]
    assert (mammals["name"], mammals["hits"], mammals["own_hits"]) == ("Mammalia", 5, 0)
    assert [(child["name"], child["hits"]) for child in mammals["children"]] == [
        ("Hominidae", 4), ("Mus musculus", 1),
    ]  # fmt: skip
    assert (coli["name"], coli["own_hits"], coli["children"]) == ("Escherichia coli", 2, [])


def test_the_tree_counts_pairs_beside_subjects(tmp_path: Path, table: Taxonomy) -> None:
    text = outfmt7({"q1": [("a", 90.0), ("b", 80.0)], "q2": [("a", 70.0)], "q3": [("a", 60.0)]})
    built = build(folder_of(tmp_path / "results", {"r.out": text}), taxonomy=table)
    top = artifact(built, ArtifactType.TAXONOMY)["tree"]
    assert (top["taxid"], top["hits"], top["own_hits"], top["pairs"], top["hsps"]) == (9606, 2, 2, 4, 4)


def test_a_merged_taxid_is_kept_and_rolled_up_and_a_deleted_one_is_unresolved(
    tmp_path: Path, table: Taxonomy
) -> None:
    found = artifact(classified(tmp_path, table), ArtifactType.TAXONOMY)
    names = {row["taxid"]: row["name"] for row in found["rows"]}
    assert (names[469598], names[99999999]) == ("Escherichia coli", None)
    assert found["unresolved"]["subjects"] == 1


def test_the_common_ancestor_is_that_of_all_near_the_best_in_any_order(
    tmp_path: Path, table: Taxonomy
) -> None:
    for number, lines in enumerate((LINES, LINES[::-1])):
        found = artifact(classified(tmp_path / str(number), table, lines), ArtifactType.TAXONOMY)
        assert found["common_ancestor"] == {"taxid": 9604, "name": "Hominidae", "rank": "family"}


def test_without_a_table_taxids_are_shown_as_they_are(tmp_path: Path) -> None:
    found = taxonomy(tmp_path)
    assert (found["tree"], found["common_ancestor"], found["lineage_source"]) == (None, None, None)
    assert [row["lineage"] for row in found["rows"]] == [[], [], []]
    assert found["unresolved"]["subjects"] == 0


def asked(tmp_path: Path, table: Taxonomy | None, kind: ArtifactType, **params: str) -> dict[str, Any]:
    return asked_later(tmp_path, table, table, kind, **params)


def asked_later(
    tmp_path: Path, table: Taxonomy | None, later: Taxonomy | None, kind: ArtifactType, **params: str
) -> dict[str, Any]:
    """The answer that `later` has part in, over what was built with `table`."""
    source = FileSource(tmp_path / "results" / "r.out", "r.out")
    (tmp_path / "parts").mkdir(exist_ok=True)
    built = build_result(LOCAL, [source], tmp_path / "parts", taxonomy=table)
    parts = [{path.name.split(".")[1]: path for path in built.parts}]
    default = artifact(built, kind)
    return answer(parse_question(kind, params), default, scan(parts, later), built.fingerprint)


def test_an_answer_says_whether_its_own_lineages_have_a_source(tmp_path: Path, table: Taxonomy) -> None:
    classified(tmp_path, table)
    for built_with, asked_with in ((table, None), (None, table)):
        found = asked_later(tmp_path, built_with, asked_with, ArtifactType.TAXONOMY, taxid="9606")
        assert found["lineage_source"] == ("taxonomy_table" if asked_with else None)
        assert bool(found["rows"][0]["lineage"]) == bool(asked_with)


def test_a_taxid_filter_takes_in_all_below_it(tmp_path: Path, table: Taxonomy) -> None:
    classified(tmp_path, table)
    found = asked(tmp_path, table, ArtifactType.DESCRIPTIONS, taxid="9604")
    assert {row["subject"] for row in found["rows"]} == {"human", "human2", "chimp", "both"}
    found = asked(tmp_path, table, ArtifactType.ALIGNMENTS, taxid="562")
    assert {row["sseqid"] for row in found["rows"]} == {"both", "old"}
    assert not asked(tmp_path, None, ArtifactType.DESCRIPTIONS, taxid="9604")["rows"]


def test_an_organism_is_found_by_its_name_in_the_table(tmp_path: Path, table: Taxonomy) -> None:
    classified(tmp_path, table)
    found = asked(tmp_path, table, ArtifactType.DESCRIPTIONS, organism="musculus")
    assert [row["subject"] for row in found["rows"]] == ["mouse"]


def test_organisms_can_come_by_their_distance(tmp_path: Path, table: Taxonomy) -> None:
    classified(tmp_path, table)
    found = asked(tmp_path, table, ArtifactType.TAXONOMY, sort="distance", taxid="40674")
    assert [row["taxid"] for row in found["rows"]] == [9606, 9598, 10090, 562]
    assert found["tree"]["name"] == "cellular organisms"


def test_another_table_is_other_input(tmp_path: Path, table: Taxonomy) -> None:
    with_table = classified(tmp_path, table)
    bare = build(tmp_path / "results")
    assert with_table.fingerprint != bare.fingerprint
