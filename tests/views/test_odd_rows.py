"""Questions over rows that few files have: without positions, or with ids of any length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.order import ID_CHARACTERS
from blast_artifacts.views.parameters import LONGEST_CURSOR
from blast_artifacts.views.question import parse_question
from tests.views.searched import HITS, PAIRS, Searched, read

TAXA = ArtifactType.TAXONOMY
FIELDS = "query acc.ver, subject acc.ver, evalue, bit score"


def row_of(subject: str) -> str:
    return f"q\t{subject}\t1e-9\t50"


def table_of(fields: str, rows: list[str]) -> str:
    head = [
        "# BLASTN 2.12.0+",
        "# Query: q",
        "# Database: db",
        f"# Fields: {fields}",
        f"# {len(rows)} hits found",
    ]
    return "\n".join([*head, *rows, "# BLAST processed 1 queries", ""])


def searched(tmp_path: Path, fields: str, rows: list[str]) -> Searched:
    (tmp_path / "parts").mkdir()
    return read(tmp_path / "files", tmp_path / "parts", {"batch_000-blastn-db.out": table_of(fields, rows)})


def test_an_hsp_of_unknown_position_is_counted_not_passed_over(tmp_path: Path) -> None:
    rows = [f"{row_of('s')}\t{begin}\t90" for begin in (1, 1, 2)]
    found = searched(tmp_path, f"{FIELDS}, q. start, q. end", rows)
    page = found.answer(parse_question(HITS, {"places": "1-90:5-94"}))
    assert (page["filtered"], page["excluded_unknown"]) == (0, 2)  # the third begins elsewhere anyway


@pytest.fixture(scope="module")
def of_long_ids(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """Ids of 9,000 letters: two pairs of them differ within what rows are ordered by, two behind it."""
    fields = f"{FIELDS}, subject tax ids, subject sci names, subject title"
    ids = [begin + "x" * 9000 + end for end in "ba" for begin in ("zz", "aa")]
    rows = [f"{row_of(name)}\t{taxid}\t{name}\t{name[:-1]} A" for taxid, name in enumerate(ids, start=1)]
    return searched(tmp_path_factory.mktemp("long"), fields, rows)


@pytest.mark.parametrize(
    ("table", "sort"),
    [
        (PAIRS, "query"),
        (PAIRS, "subject"),
        (PAIRS, "title"),
        (HITS, "sseqid"),
        (HITS, "stitle"),
        (TAXA, "name"),
    ],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_cursor_fits_into_a_url_however_long_ids_are(
    of_long_ids: Searched, table: ArtifactType, sort: str, order: str
) -> None:
    params, walked = {"sort": sort, "order": order, "page_size": "1"}, list[dict[str, Any]]()
    for _ in range(4):
        page = of_long_ids.answer(parse_question(table, params))
        walked += page["rows"]
        params["cursor"] = page["next_cursor"] or ""
        assert len(params["cursor"]) < LONGEST_CURSOR // 2
    assert params["cursor"] == ""
    whole = of_long_ids.answer(parse_question(table, {"sort": sort, "order": order}))
    assert walked == whole["rows"]
    name = {PAIRS: "subject", HITS: "sseqid", TAXA: "name"}[table]
    begins = [row[name][:2] for row in walked]
    if sort != "query":
        assert begins == sorted(begins, reverse=order == "desc")
    assert len({row[name] for row in walked}) == 4
    assert all(len(row[name]) > ID_CHARACTERS for row in walked)


def test_the_artifact_has_the_order_that_a_question_has(of_long_ids: Searched) -> None:
    asked = of_long_ids.answer(parse_question(PAIRS, {"page_size": "50"}))
    assert [row["subject"] for row in of_long_ids.default(PAIRS)["rows"]] == [
        row["subject"] for row in asked["rows"]
    ]
    assert [row["subject"][-1] for row in asked["rows"]] == ["b", "a", "b", "a"]  # as in the file


def test_a_subject_of_a_long_id_can_be_asked_for(tmp_path: Path) -> None:
    name = "y" * 2000
    found = searched(tmp_path, FIELDS, [row_of(name), row_of("other")])
    assert found.answer(parse_question(PAIRS, {"subject": name}))["filtered"] == 1
