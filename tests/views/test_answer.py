"""Answers and exports beside what Python makes of all rows of the same tables."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from itertools import product
from operator import itemgetter
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from blast_artifacts.reading.identity import subject_key
from blast_artifacts.tables.taxa import read_taxa
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import all_rows, part_table, resident, selection
from blast_artifacts.views.alignments import alignment_rows
from blast_artifacts.views.all_rows import every_row
from blast_artifacts.views.answer import SHOWN, answer
from blast_artifacts.views.cursor import CursorExpired
from blast_artifacts.views.descriptions import description_rows
from blast_artifacts.views.order import SHOWN_CHARACTERS
from blast_artifacts.views.parameters import SORTS
from blast_artifacts.views.question import Question, parse_question
from tests.conftest import app_settings
from tests.views.searched import HITS, PAIRS, QUERIES, Searched, read

STD = "query acc.ver, subject acc.ver, % identity, alignment length, mismatches, gap opens, q. start, q. end, s. start, s. end, evalue, bit score"  # fmt: skip  # noqa: E501
RICH = f"{STD}, subject tax ids, subject sci names, subject title, query length"
PLACES = itemgetter("qstart", "qend", "sstart", "send")
TAXA = ["9606\tHomo sapiens", "10090\tMus musculus", "9606;10090\tHomo sapiens;Mus musculus", "N/A\tN/A"]
LONG = "a title as long as those of whole genomes, " * 4


def searched(chance: random.Random, rich: bool) -> str:
    """A file with a few queries, full of ties, and of unknown values where it is not `rich`."""
    lines = []
    for query in range(3):
        lines += ["# BLASTN 2.12.0+", f"# Query: q{query} of many", "# Database: db"]
        lines += [f"# Fields: {RICH if rich else STD}", "# 1 hits found"]
        for subject in chance.sample(range(12), 8):
            for _ in range(chance.choice((1, 1, 3))):
                lines.append(row(chance, query, subject, rich))
    return "\n".join([*lines, "# Query: empty", "# 0 hits found", "# BLAST processed 4 queries", ""])


def row(chance: random.Random, query: int, subject: int, rich: bool) -> str:
    begin = chance.randint(1, 30)
    values: list[Any] = [f"q{query}", f"s{subject}", chance.choice((90.0, 99.5)), 50, 1, 0]
    values += [begin, begin + chance.choice((9, 49)), 1, 50]
    values += [chance.choice(("0.0", "1e-30", "1e-05")), chance.choice((50, 60.5, 1000))]
    if rich:
        values += [TAXA[subject % 4], (LONG if subject > 6 else "short ") + str(subject // 2), 100]
    return "\t".join(map(str, values))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """Three files, each a part, looked at a few rows at a time."""
    chance = random.Random(7)
    files: dict[str, str | bytes] = {
        f"batch_{number:03d}-blastn-db.out": searched(chance, rich=number != 1) for number in range(3)
    }
    with pytest.MonkeyPatch.context() as patch, app_settings({"PART_FILES": "1"}):
        patch.setattr(part_table, "SLAB", 128)
        patch.setattr(part_table, "TEXT_SLAB", 64)
        patch.setattr(part_table, "fitting_rows", lambda _: 8)
        patch.setattr(selection, "SAMPLE", 3)
        patch.setattr(all_rows, "SORTED_ROWS", 10)
        patch.setattr(all_rows, "PIECE_BYTES", 4000)
        yield read(tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("parts"), files)


def values(table: ArtifactType, row: dict[str, Any]) -> dict[str, Any]:
    """What the numeric filters compare."""
    if table is PAIRS:
        shown = {name: row[name] and round(row[name], 2) for name in ("per_ident", "query_cover")}
        return {"identity": shown["per_ident"], "cover": shown["query_cover"], "bits": row["max_score"]}
    cover = row["query_length"] and 100 * (abs(row["qend"] - row["qstart"]) + 1) / row["query_length"]
    return {"identity": row["pident"], "cover": cover, "bits": row["bitscore"]}


BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "min_identity": ("identity", lambda value, bound: value >= bound),
    "max_identity": ("identity", lambda value, bound: value <= bound),
    "min_query_cover": ("cover", lambda value, bound: value >= bound),
    "max_query_cover": ("cover", lambda value, bound: value <= bound),
    "min_bitscore": ("bits", lambda value, bound: value >= bound),
    "min_evalue": ("evalue", lambda value, bound: value >= bound),
    "max_evalue": ("evalue", lambda value, bound: value <= bound),
}


def is_of(asked: dict[str, Any], row: dict[str, Any], hits: bool) -> bool:
    """Whether a row is of the query, the subject and the places that are asked for."""
    if (query := asked.get("query")) is not None and query not in (
        row["qseqid" if hits else "query"],
        f"@{row['batch']}:{row['qindex']}",
    ):
        return False
    if "subject" in asked and row["sseqid" if hits else "subject"] != subject_key(asked["subject"]):
        return False
    return "places" not in asked or PLACES(row) == asked["places"]


def passes(question: Question, row: dict[str, Any]) -> bool | None:
    """Whether a row passes; None where only an unknown value speaks against it."""
    hits = question.table is HITS
    asked, unknown = dict(question.filters), False
    if not is_of(asked, row, hits):
        return False
    if hits and {"organism", "taxid"} & set(asked):
        taxids, names = read_taxa(row["staxids"], row["sscinames"])
    else:
        taxids, names = row.get("taxids"), row.get("names")
    if "organism" in asked and not any(asked["organism"].lower() in name.lower() for name in names or ()):
        return False
    if "taxid" in asked and asked["taxid"] not in (taxids or ()):
        return False
    if "status" in asked and row["status"] not in asked["status"]:
        return False
    if "text" in asked and asked["text"].lower() not in f"{row['query']}\n{row['title'] or ''}".lower():
        return False
    for name, (compared, holds) in BOUNDS.items():
        if name in asked:
            value = {**values(question.table, row), "evalue": row["evalue"]}[compared]
            if value is None:
                unknown = True
            elif not holds(value, asked[name]):
                return False
    return None if unknown else True


def sort_key(question: Question, row: dict[str, Any]) -> Any:
    value = row[question.sort]
    if question.sort in ("title", "stitle") and value is not None:
        value = value[:SHOWN_CHARACTERS]
    if question.sort in ("per_ident", "query_cover") and value is not None:
        value = round(value, 2)
    return value


def brute(found: Searched, question: Question) -> tuple[list[dict[str, Any]], int]:
    """All rows that pass, sorted, and how many are excluded for an unknown value."""
    table, rows = question.table, list(enumerate(found.rows(question.table)))
    judged = [(place, one, passes(question, one)) for place, one in rows]
    kept = [(place, one) for place, one, verdict in judged if verdict]

    def known_first(value: Any, descending: bool = False) -> tuple[bool, Any]:
        return (value is None, 0 if value is None else -value if descending else value)

    def own(item: tuple[int, dict[str, Any]]) -> Any:
        place, one = item
        query = (one["batch"], one["qindex"], one["iteration"] or 0)
        if table is not PAIRS:
            return (*query, place)
        lows = [known_first(one["min_evalue"])]
        highs = ("max_score", "total_score", "query_cover", "per_ident")
        order = [*lows, *(known_first(one[name], True) for name in highs)]
        return (*query, *order, one["subject"], one["source"], one["sindex"])

    turned = question.sort == "query" and question.descending
    kept.sort(key=own)
    if turned:
        kept.sort(key=lambda item: (item[1]["batch"], item[1]["qindex"]), reverse=True)
    elif question.sort != "query":
        unknown = [item for item in kept if sort_key(question, item[1]) is None]
        known = [item for item in kept if sort_key(question, item[1]) is not None]
        known.sort(key=lambda item: sort_key(question, item[1]), reverse=question.descending)
        kept = known + unknown
    return [one for _, one in kept], sum(verdict is None for _, _, verdict in judged)


def shown(table: ArtifactType, rows: list[dict[str, Any]], found: Searched) -> list[dict[str, Any]]:
    """Rows as the table shows them."""
    if table is HITS:
        schema = {**dict(found.tables.of_hits.schema), "qtitle": pl.String()}
        kept = [{name: one[name] for name in schema} for one in rows]
        return alignment_rows(pl.DataFrame(kept, schema=schema, orient="row"))
    if table is PAIRS:
        return description_rows(pl.DataFrame(rows, schema=found.tables.of_pairs.schema, orient="row"))
    frame = pl.DataFrame(rows, schema=found.tables.of_queries.schema, orient="row")
    return SHOWN[QUERIES](frame)


FILTERS: list[dict[str, str]] = [
    {},
    {"query": "q1"},
    {"query": "@1:0"},
    {"query": "nobody"},
    {"subject": "s3"},
    {"organism": "MUS"},
    {"taxid": "9606"},
    {"min_identity": "95"},
    {"max_identity": "95"},
    {"min_query_cover": "20"},
    {"max_query_cover": "20"},
    {"min_bitscore": "60.5"},
    {"max_evalue": "1e-30"},
    {"min_evalue": "1e-30"},
    {"min_evalue": "1e-30", "max_evalue": "1e-10"},
    {"min_query_cover": "20", "max_evalue": "1e-10", "organism": "homo", "min_identity": "99"},
]
HSP_FILTERS: list[dict[str, str]] = [*FILTERS, {"places": "20-69:1-50"}]
QUERY_FILTERS: list[dict[str, str]] = [
    {},
    {"status": "hits"},
    {"status": "no_hits,partial"},
    {"text": "Q1 OF"},
]
CASES = [
    *product([HITS], range(len(HSP_FILTERS))),
    *product([PAIRS], range(len(FILTERS))),
    *product([QUERIES], range(len(QUERY_FILTERS))),
]


def filters_of(table: ArtifactType, number: int) -> dict[str, str]:
    return {QUERIES: QUERY_FILTERS, HITS: HSP_FILTERS, PAIRS: FILTERS}[table][number]


@pytest.mark.parametrize(("table", "number"), CASES)
def test_every_filter_in_every_order_gives_the_rows_that_python_gives(
    found: Searched, table: ArtifactType, number: int
) -> None:
    for turn, sort in enumerate(SORTS[table]):
        order = ("asc", "desc")[(turn + number) % 2]
        params = {**filters_of(table, number), "sort": sort, "order": order, "page_size": "15"}
        question = parse_question(table, params)
        rows, unknown = brute(found, question)
        assert rows or "places" not in params
        page = found.answer(question)
        assert (page["filtered"], page["excluded_unknown"]) == (len(rows), unknown), params
        assert page["rows"] == shown(table, rows[:15], found), params
        assert page["total"] == len(found.rows(table))
        assert (page["next_cursor"] is None) == (len(rows) <= 15)


QUESTIONS = st.sampled_from([HITS, PAIRS, QUERIES]).flatmap(
    lambda table: st.builds(
        lambda number, sort, order, size: (table, number, sort, order, size),
        st.integers(0, len(QUERY_FILTERS if table is QUERIES else FILTERS) - 1),
        st.sampled_from(SORTS[table]),
        st.sampled_from(("asc", "desc")),
        st.sampled_from((1, 2, 3, 7, 50, 500)),
    )
)


@bounded(max_examples=20, deadline=None)
@given(asked=QUESTIONS)
def test_pages_behind_one_another_give_each_row_once(
    found: Searched, asked: tuple[ArtifactType, int, str, str, int]
) -> None:
    table, number, sort, order, size = asked
    params = {**filters_of(table, number), "sort": sort, "order": order, "page_size": str(size)}
    rows, _ = brute(found, parse_question(table, params))
    walked: list[dict[str, Any]] = []
    for _ in range(min(math.ceil(len(rows) / size), 5)):
        page = found.answer(parse_question(table, params))
        walked += page["rows"]
        params["cursor"] = page["next_cursor"] or ""
    assert walked == shown(table, rows[: len(walked)], found)
    assert len(walked) == len(rows) or params["cursor"]


@bounded(max_examples=20, deadline=None)
@given(asked=QUESTIONS)
def test_an_export_has_every_row_in_order_though_it_holds_a_few_at_a_time(
    found: Searched, asked: tuple[ArtifactType, int, str, str, int]
) -> None:
    table, number, sort, order, _ = asked
    question = parse_question(table, {**filters_of(table, number), "sort": sort, "order": order})
    rows, _ = brute(found, question)
    pieces = list(every_row(question, found.tables))
    assert [one for piece in pieces for one in SHOWN[table](piece)] == shown(table, rows, found)
    assert max(piece.height for piece in pieces) <= (len(rows) if sort == "query" else 40)


def test_a_page_is_the_same_from_memory_and_from_the_files(found: Searched) -> None:
    question = parse_question(HITS, {"min_query_cover": "20", "sort": "evalue"})
    warm = [found.answer(question) for _ in range(2)][1]
    resident.forget()
    assert found.answer(question) == warm
    assert 0 < resident.bytes_held() <= resident.BYTES


def test_the_default_question_is_the_artifact(found: Searched) -> None:
    for table in (HITS, PAIRS, QUERIES, ArtifactType.TAXONOMY):
        assert found.answer(Question(table)) == found.default(table)


def test_taxa_are_those_of_the_pairs_that_pass(found: Searched) -> None:
    for number, filters in enumerate(FILTERS):
        rows, unknown = brute(found, parse_question(PAIRS, filters))
        page = found.answer(
            parse_question(ArtifactType.TAXONOMY, {**filters, "sort": "pairs", "order": "desc"})
        )
        subjects: dict[str, list[dict[str, Any]]] = {}
        for one in rows:
            subjects.setdefault(one["subject"], []).append(one)
        assert page["excluded_unknown"] == unknown, number
        assert page["subjects"] == len(subjects)
        taxa: dict[int, list[dict[str, Any]]] = {}
        for subject in subjects.values():
            told = (one["taxids"] for one in subject if one["taxids"])
            for taxid in next(told, ()):
                taxa.setdefault(taxid, []).extend(subject)
        assert {row["taxid"]: row["pairs"] for row in page["rows"]} == {
            taxid: len(pairs) for taxid, pairs in taxa.items()
        }


def test_a_cursor_of_other_input_has_expired(found: Searched) -> None:
    first = found.answer(parse_question(HITS, {"page_size": "5"}))
    again = parse_question(HITS, {"page_size": "5", "cursor": first["next_cursor"]})
    with pytest.raises(CursorExpired):
        answer(again, found.default(HITS), found.tables, "0" * 64)
