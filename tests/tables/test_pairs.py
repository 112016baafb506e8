"""Pairs as NCBI's page defines them, whatever the batches they come in."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tables.made import grouped, hits, pair


def test_the_worked_example_of_two_overlapping_hsps() -> None:
    found = pair(
        {
            "pident": 96.757,
            "length": 555,
            "qstart": 297,
            "qend": 851,
            "bitscore": 921.004,
            "evalue": 0.0,
            "qlen": 900,
        },
        {
            "pident": 97.007,
            "length": 401,
            "qstart": 50,
            "qend": 450,
            "bitscore": 670.336,
            "evalue": 0.0,
            "qlen": 900,
        },
    )
    assert found["max_score"] == 921.004
    assert found["total_score"] == 1591.34
    assert found["query_cover"] == pytest.approx(100 * 802 / 900)
    assert found["query_cover_ncbi"] == 89
    assert found["evalue"] == 0.0
    assert round(found["per_ident"], 2) == 96.76
    assert found["hsps"] == 2


def test_the_first_of_equally_good_hsps_is_the_best() -> None:
    found = pair({"bitscore": 50.0, "pident": 80.0}, {"bitscore": 50.0, "pident": 99.0})
    assert found["per_ident"] == 80.0


def test_the_shown_evalue_is_of_the_best_hsp_and_the_lowest_stands_beside_it() -> None:
    found = pair({"bitscore": 40.0, "evalue": 1e-9}, {"bitscore": 90.0, "evalue": 1e-3})
    assert (found["evalue"], found["min_evalue"]) == (1e-3, 1e-9)


def test_identity_comes_from_counts_where_the_format_has_them() -> None:
    assert pair({"pident": 66.67, "nident": 2, "length": 3})["per_ident"] == pytest.approx(200 / 3)


def test_cover_disregards_strand_and_frame() -> None:
    found = pair({"qstart": 100, "qend": 1}, {"qstart": 51, "qend": 150})
    assert found["query_cover"] == 75.0


def test_cover_is_not_clipped_by_the_length_of_a_query_range() -> None:
    assert pair({"qstart": 51, "qend": 850, "qlen": 800})["query_cover"] == 100.0


def test_cover_over_a_hundred_shows_as_99_in_ncbis_column() -> None:
    found = pair({"qstart": 1, "qend": 300, "qlen": 200})
    assert (found["query_cover"], found["query_cover_ncbi"]) == (150.0, 99)


def test_ncbis_cover_rounds_half_up() -> None:
    assert pair({"qstart": 1, "qend": 1, "qlen": 200})["query_cover_ncbi"] == 1
    assert pair({"qstart": 1, "qend": 599, "qlen": 600})["query_cover_ncbi"] == 100


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [
        ({"qlen": None}, {"query_cover", "query_cover_ncbi", "query_length"}),
        ({"qstart": None}, {"query_cover", "query_cover_ncbi"}),
        ({"bitscore": None}, {"max_score", "total_score"}),
        ({"evalue": None}, {"evalue", "min_evalue"}),
        ({"pident": None}, {"per_ident"}),
        ({"slen": None}, {"acc_len"}),
    ],
)
def test_what_the_format_does_not_tell_is_null(missing: dict[str, Any], unknown: set[str]) -> None:
    optional = {"iteration", "taxids", "names", "title"}
    found = pair(missing)
    assert {name for name, value in found.items() if value is None} - optional == unknown


def test_a_total_with_an_unknown_score_in_it_is_unknown() -> None:
    assert pair({"bitscore": 10.0}, {"bitscore": None})["total_score"] is None


def test_without_bits_the_raw_score_decides_and_then_the_evalue() -> None:
    by_score = [
        {"bitscore": None, "score": 5.0, "pident": 1.0},
        {"bitscore": None, "score": 9.0, "pident": 2.0},
    ]
    by_evalue = [
        {"bitscore": None, "evalue": 1.0, "pident": 1.0},
        {"bitscore": None, "evalue": 0.1, "pident": 2.0},
    ]
    assert pair(*by_score)["per_ident"] == 2.0
    assert pair(*by_evalue)["per_ident"] == 2.0


def test_which_of_several_hsps_is_best_is_unknown_without_any_score() -> None:
    nothing = {"bitscore": None, "evalue": None}
    assert pair(nothing)["per_ident"] == 90.0
    assert pair(nothing, nothing)["per_ident"] is None


def test_subjects_are_numbered_within_their_query_and_round() -> None:
    rows = [
        {"sseqid": "a", "iteration": 1},
        {"sseqid": "b", "iteration": 1},
        {"sseqid": "b", "iteration": 2},
        {"sseqid": "a", "iteration": 2},
        {"sseqid": "a", "qindex": 1},
    ]
    found = grouped(hits(*rows))
    assert found.select("qindex", "iteration", "subject", "sindex").rows() == [
        (0, 1, "a", 0),
        (0, 1, "b", 1),
        (0, 2, "b", 0),
        (0, 2, "a", 1),
        (1, None, "a", 0),
    ]


def test_lengths_that_the_format_lacks_come_from_the_query_fasta() -> None:
    lengths = pl.DataFrame({"query": ["q1"], "fasta_length": [400]})
    found = grouped(hits({"qlen": None}, {"qseqid": "q2", "qindex": 1, "qlen": None}), lengths=lengths)
    assert found["query_length"].to_list() == [400, None]
    assert found["query_cover"].to_list() == [25.0, None]


def test_a_query_without_a_name_is_told_by_its_ordinal() -> None:
    assert pair({"qseqid": None, "qindex": 6})["query"] == "(unnamed query 7)"


def test_a_long_pair_is_carried_through_many_batches() -> None:
    pieces = [
        hits(*({"qstart": n, "qend": n + 1, "qlen": 2000} for n in range(k, k + 50)))
        for k in range(1, 1000, 50)
    ]
    (found,) = grouped(*pieces).to_dicts()
    assert (found["hsps"], found["total_score"], found["query_cover"]) == (1000, 100_000.0, 100 * 1001 / 2000)


_hsps = st.fixed_dictionaries(
    {
        "qindex": st.integers(0, 2),
        "sseqid": st.sampled_from(["a", "b", None]),
        "iteration": st.sampled_from([None, 1, 2]),
        "qstart": st.one_of(st.none(), st.integers(1, 60)),
        "qend": st.integers(1, 60),
        "bitscore": st.one_of(st.none(), st.integers(1, 40).map(lambda n: n / 8)),
        "evalue": st.one_of(st.none(), st.sampled_from([0.0, 1e-180, 1e-5, 3.0])),
        "qlen": st.sampled_from([None, 60]),
        "staxids": st.sampled_from([None, "9606", "9598;9606", "0"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_hsps, min_size=1, max_size=25), cuts=st.sets(st.integers(1, 24)))
def test_pairs_are_the_same_however_the_hits_are_cut_into_batches(
    rows: list[dict[str, Any]], cuts: set[int]
) -> None:
    whole = hits(*sorted(rows, key=lambda row: row["qindex"]))
    borders = [0, *sorted(cut for cut in cuts if cut < whole.height), whole.height]
    batches = [whole[low:high] for low, high in pairwise(borders)]
    assert grouped(*batches).equals(grouped(whole), null_equal=True)


@settings(max_examples=60, deadline=None)
@given(spans=st.lists(st.tuples(st.integers(1, 80), st.integers(1, 80)), min_size=1, max_size=15))
def test_cover_is_the_share_of_positions_in_any_hsp(spans: list[tuple[int, int]]) -> None:
    positions = {p for start, end in spans for p in range(min(start, end), max(start, end) + 1)}
    found = pair(*({"qstart": start, "qend": end, "qlen": 80} for start, end in spans))
    assert found["query_cover"] == 100.0 * len(positions) / 80
