"""The default pages: their order, their size, and where the next one begins."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.cursor import question_hash, read_cursor, same_input, write_cursor
from blast_artifacts.views.manifest import file_id, file_name
from blast_artifacts.views.pages import fetch_rows
from tests.views.built import CASES, artifact, build, folder_of, outfmt6_row, outfmt7


def test_a_full_page_has_a_cursor_and_the_last_one_has_none(tmp_path: Path) -> None:
    rows = [(f"s{n:03d}", 1000.0 - n) for n in range(101)]
    folder_of(tmp_path, {"101/r.out": outfmt7({"q1": rows}), "100/r.out": outfmt7({"q1": rows[:100]})})
    built = build(tmp_path / "101")
    page = artifact(built, ArtifactType.DESCRIPTIONS)
    assert (page["total"], page["filtered"], page["page_size"], len(page["rows"])) == (101, 101, 100, 100)
    cursor = read_cursor(page["next_cursor"])
    assert same_input(cursor, built.fingerprint)
    assert cursor.question == question_hash("descriptions")
    assert "s099" in cursor.last
    assert artifact(build(tmp_path / "100"), ArtifactType.DESCRIPTIONS)["next_cursor"] is None
    assert read_cursor(artifact(built, ArtifactType.ALIGNMENTS)["next_cursor"]).last == (0, 0, None, 99)


def test_pairs_come_by_query_in_input_order_and_best_first_within_one(tmp_path: Path) -> None:
    text = outfmt7({"q2": [("b", 50.0), ("a", 90.0), ("c", 90.0)], "q1": [("z", 99.0)]})
    rows = artifact(build(folder_of(tmp_path, {"r.out": text})), ArtifactType.DESCRIPTIONS)["rows"]
    assert [(row["query"], row["subject"]) for row in rows] == [
        ("q2", "a"),
        ("q2", "c"),
        ("q2", "b"),
        ("q1", "z"),
    ]


def test_the_lowest_evalue_orders_before_the_score(tmp_path: Path) -> None:
    rows = "\n".join(
        outfmt6_row("q", subject, bits, "").replace("1e-30", evalue)
        for subject, bits, evalue in [("low", 40, "1e-50"), ("high", 400, "1e-40"), ("none", 500, "1")]
    )
    found = artifact(build(folder_of(tmp_path, {"r.out": rows + "\n"})), ArtifactType.DESCRIPTIONS)["rows"]
    assert [row["subject"] for row in found] == ["low", "high", "none"]


def test_covers_and_identities_are_served_with_two_decimals() -> None:
    rows = artifact(build(CASES / "same-search" / "outfmt5.xml"), ArtifactType.DESCRIPTIONS)["rows"]
    second = rows[1]
    assert (second["max_score"], second["total_score"]) == (921.004, 1591.34)
    assert (second["query_cover"], second["query_cover_ncbi"], second["per_ident"]) == (89.11, 89, 96.76)


def test_only_the_last_round_is_shown_unless_another_is_asked_for() -> None:
    path = CASES / "psiblast" / "outfmt5.xml"
    last, every = build(path), build(path, iteration="all")
    assert (last.summary["hsps"], every.summary["hsps"]) == (10, 20)
    assert every.summary["queries"] == 1
    assert build(path, iteration=1).artifacts != last.artifacts


def test_alignments_without_sequences_name_the_rerun(tmp_path: Path) -> None:
    page = artifact(
        build(folder_of(tmp_path, {"r.out": outfmt7({"q": [("a", 9.0)]})})), ArtifactType.ALIGNMENTS
    )
    assert page["sequences"]["present"] is False
    assert "7 std qseq sseq" in page["sequences"]["reason"]
    assert "qseq" in page["columns_missing"]
    with_them = artifact(build(CASES / "same-search" / "outfmt15.json"), ArtifactType.ALIGNMENTS)
    assert with_them["sequences"] == {"present": True, "reason": None}
    assert with_them["rows"][0]["qseq"]
    assert with_them["rows"][0]["qtitle"].startswith("q1 first query")


def test_the_manifest_pages_its_files(tmp_path: Path) -> None:
    text = outfmt7({"q": []})
    built = build(folder_of(tmp_path, {f"batch_{n:03d}.out": text for n in range(501)}))
    page = artifact(built, ArtifactType.MANIFEST)
    assert (page["total"], len(page["files"])) == (501, 500)
    assert read_cursor(page["next_cursor"]).last == (499,)


def test_the_methods_sentence_names_program_database_and_the_default_limit() -> None:
    (search,) = artifact(build(CASES / "same-search" / "outfmt5.xml"), ArtifactType.MANIFEST)["searches"]
    assert search["methods"].startswith("Queries were searched with BLASTN 2.12.0+ against the database ")
    assert search["methods"].endswith("at most 500 target sequences a query (the default).")
    assert search["database_sequences"] == 6


def test_the_methods_sentence_names_nothing_that_is_not_known() -> None:
    (search,) = artifact(build(CASES / "same-search" / "outfmt6.tsv"), ArtifactType.MANIFEST)["searches"]
    assert search["methods"] == (
        "Queries were searched with BLAST against subjects that the files do not name; "
        "at most 500 target sequences a query (the default)."
    )


def test_the_methods_sentence_writes_values_as_one_does() -> None:
    built = build(CASES / "encoding" / "latin1.outfmt5.xml")
    (search,) = artifact(built, ArtifactType.MANIFEST)["searches"]
    assert (search["parameters"]["filter"], search["parameters"]["evalue"]) == ("L;m;", 10)
    assert " evalue 10," in search["methods"]
    assert " filter L;m," in search["methods"]


def test_a_file_id_is_the_name_fit_for_a_url() -> None:
    name = "shard_00/batch_000-blastn-ä b.out.gz"
    assert file_name(file_id(name)) == name
    assert not set(file_id(name)) & set("/+=?&# ")


@pytest.mark.parametrize("text", ["", "x", "ä", "W10", "bnVsbA", "WzEsMiwzLDRd", "=" * 9])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        read_cursor(text)


def test_a_cursor_of_other_input_is_told_apart() -> None:
    cursor = read_cursor(write_cursor("a" * 64, question_hash("descriptions"), [1, None, 2.5]))
    assert cursor.last == (1, None, 2.5)
    assert same_input(cursor, "a" * 64)
    assert not same_input(cursor, "b" * 64)
    assert question_hash("descriptions") != question_hash("descriptions", {"sort": "subject"})


def test_rows_are_fetched_in_the_order_asked_for() -> None:
    table = pl.LazyFrame({"n": range(20_000)})
    places = [15_000, 3, 19_999, 4, 0]
    assert fetch_rows(table, places)["n"].to_list() == places
    assert fetch_rows(table, []).height == 0
