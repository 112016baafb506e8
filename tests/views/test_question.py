"""What requests ask: equal questions are equal, and what cannot be understood is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.cursor import question_hash, write_cursor
from blast_artifacts.views.question import PARAMETERS, BadQuestion, Question, parse_question

DESCRIPTIONS = ArtifactType.DESCRIPTIONS
TABLES = tuple(PARAMETERS)


@pytest.mark.parametrize("table", TABLES)
def test_a_request_that_spells_out_defaults_is_the_default_one(table: ArtifactType) -> None:
    defaults = {each.name: each.default for each in PARAMETERS[table] if each.default is not None}
    blank = {each.name: "" for each in PARAMETERS[table]}
    for params in ({}, defaults, blank, {**blank, **defaults}, {"page_size": "0100"}):
        question = parse_question(table, params)
        assert question.is_default, params
        assert question == Question(table)
    assert question.key == question_hash(table.removeprefix("result_"))


@pytest.mark.parametrize(
    "params", [{"page_size": "99"}, {"order": "desc"}, {"sort": "evalue"}, {"min_identity": "0"}]
)
def test_any_other_request_is_not(params: dict[str, str]) -> None:
    assert not parse_question(DESCRIPTIONS, params).is_default


def test_numbers_are_the_same_however_they_are_written() -> None:
    one, other = (
        parse_question(DESCRIPTIONS, {"max_evalue": evalue, "min_identity": identity})
        for evalue, identity in (("1e-5", "90"), ("0.00001", "90.0"))
    )
    assert (one, one.key) == (other, other.key)


def test_a_lowest_value_alone_has_no_highest() -> None:
    assert parse_question(DESCRIPTIONS, {"min_evalue": "200"}).filters == {"min_evalue": 200.0}


def test_the_key_is_of_what_is_asked_and_not_of_the_page() -> None:
    params = {"organism": "Homo", "sort": "evalue"}
    key = parse_question(DESCRIPTIONS, params).key
    assert parse_question(DESCRIPTIONS, {**params, "page_size": "7"}).key == key
    assert parse_question(DESCRIPTIONS, {**params, "order": "desc"}).key != key
    assert parse_question(DESCRIPTIONS, {**params, "organism": "Pan"}).key != key
    assert parse_question(ArtifactType.TAXONOMY, {"organism": "Homo"}).key != key


@pytest.mark.parametrize(
    ("params", "parameter", "said"),
    [
        ({"colour": "red"}, "colour", "no parameter 'colour'"),
        ({"min_identity": "nan"}, "min_identity", "from 0 to 100"),
        ({"min_bitscore": "inf"}, "min_bitscore", "a number from 0"),
        ({"min_bitscore": "1e999"}, "min_bitscore", "a number from 0"),
        ({"max_evalue": "1_0"}, "max_evalue", "a number"),
        ({"max_evalue": "-1"}, "max_evalue", "from 0"),
        ({"min_identity": "101"}, "min_identity", "from 0 to 100"),
        ({"min_identity": "٩"}, "min_identity", "a number"),
        ({"min_identity": "91", "max_identity": "90"}, "min_identity", "above max_identity"),
        ({"min_query_cover": "9", "max_query_cover": "8"}, "min_query_cover", "above max_query_cover"),
        ({"min_evalue": "1e-5", "max_evalue": "1e-6"}, "min_evalue", "above max_evalue"),
        ({"taxid": "0"}, "taxid", "from 1"),
        ({"taxid": "9606.0"}, "taxid", "a whole number"),
        ({"taxid": "1" * 30}, "taxid", "a whole number"),
        ({"page_size": "501"}, "page_size", "from 1 to 500"),
        ({"page_size": "0"}, "page_size", "from 1 to 500"),
        ({"sort": "colour"}, "sort", "one of query, subject"),
        ({"order": "up"}, "order", "asc, desc"),
        ({"organism": "x" * 201}, "organism", "longer than 200"),
        ({"organism": "a\0b"}, "organism", "control character"),
        ({"query": "a\nb"}, "query", "control character"),
        ({"subject": "\udcff"}, "subject", "control character"),
        ({"cursor": "?"}, "cursor", "not one that was given out"),
        ({"cursor": "x" * 9000}, "cursor", "longer than"),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) else None,
)
def test_what_cannot_be_understood_names_its_parameter(
    params: dict[str, str], parameter: str, said: str
) -> None:
    with pytest.raises(BadQuestion, match=said) as refused:
        parse_question(DESCRIPTIONS, params)
    assert refused.value.parameter == parameter


def test_places_are_asked_of_alignments_alone() -> None:
    asked = parse_question(ArtifactType.ALIGNMENTS, {"places": "1-100:0600-501"})
    assert asked.filters == {"places": (1, 100, 600, 501)}
    for text in ("1-100", "1-100:501", "a-b:c-d", "-1-2:3-4", "1-2:3-4 ", "1-2:3-" + "4" * 30):
        with pytest.raises(BadQuestion, match="positions on the query") as refused:
            parse_question(ArtifactType.ALIGNMENTS, {"places": text})
        assert refused.value.parameter == "places"
    with pytest.raises(BadQuestion, match="no parameter 'places'"):
        parse_question(DESCRIPTIONS, {"places": "1-100:501-600"})


def test_a_cursor_of_another_question_is_refused_and_that_of_an_older_builder_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"sort": "evalue"}
    cursor = write_cursor("f" * 64, parse_question(DESCRIPTIONS, asked).key, [1.0])
    assert parse_question(DESCRIPTIONS, {**asked, "cursor": cursor}).cursor == cursor
    with pytest.raises(BadQuestion, match="another question"):
        parse_question(DESCRIPTIONS, {"sort": "subject", "cursor": cursor})
    monkeypatch.setattr("blast_artifacts.views.question.BUILDER_VERSION", 99)
    assert parse_question(DESCRIPTIONS, {"sort": "subject", "cursor": cursor}).cursor == cursor


def test_statuses_are_the_same_in_any_order() -> None:
    one, other = (
        parse_question(ArtifactType.QUERIES, {"status": text}) for text in ("no_hits,hits", "hits, no_hits")
    )
    assert one == other
    with pytest.raises(BadQuestion, match="one or several of hits"):
        parse_question(ArtifactType.QUERIES, {"status": "hits,lost"})


def test_parsing_a_question_or_an_export_loads_no_polars() -> None:
    code = "import sys, blast_artifacts.views.export; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
