"""After a break no HSP is given to another subject or query than its own, and what is whole is kept."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from blast_artifacts.reading import assembly
from blast_artifacts.reading.hsp_checks import nearly_whole
from blast_artifacts.reading.xml_dialects import FIELDS_5
from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.reading.files import CASES, GOLDEN, Whole, case, read_whole

REPORTS = [
    *(CASES / "same-search" / name for name in ("outfmt5.xml", "outfmt15.json", "outfmt16.xml")),
    *(GOLDEN / f"{program}.outfmt{n}" for program in ("blastn", "blastp", "tblastx") for n in (5, 15, 16)),
]
XML = case("same-search/outfmt5.xml")
OWNED = ["qseqid", "sseqid", "qstart", "qend", "sstart", "send", "evalue", "bitscore", "sseq"]


@cache
def rows_of(path: Path) -> Counter[tuple[object, ...]]:
    return Counter(read_whole(path).hits.select(OWNED).rows())


def hsps(whole: Whole) -> Counter[tuple[object, ...]]:
    return Counter(whole.hits.select(OWNED).rows())


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_hole_gives_an_hsp_to_another(path: Path) -> None:
    data, chance = path.read_bytes(), random.Random(path.name)
    for _ in range(20):
        start, lost = chance.randrange(len(data)), chance.choice((100, 1000, 3000, 8000, 20_000))
        noise = chance.choice((b"", b"", bytes(lost)))
        damaged = read_whole(data[:start] + noise + data[start + lost :])
        assert hsps(damaged) <= rows_of(path), (start, lost)
        assert damaged.report.state is not FileState.READ or hsps(damaged) == rows_of(path), (start, lost)


def between(data: bytes, first: bytes, then: bytes) -> bytes:
    """The bytes without those from one mark up to another behind it."""
    start = data.index(first)
    return data[:start] + data[data.index(then, start) :]


def test_hsps_behind_a_swallowed_border_of_hits_are_dropped_and_counted() -> None:
    first = XML.index(b"<Hsp_qseq>")
    repeats = XML.index(b"<Hsp_midline>", XML.index(b"<Hit_num>3<"))
    damaged = read_whole(XML[:first] + XML[repeats:])
    assert not damaged.hits.filter(qindex=0).height
    assert damaged.queries[0].status is QueryStatus.UNREAD
    assert damaged.report.rejected >= 25
    assert damaged.hits.filter(qindex=4).height == 28


def test_hits_behind_a_swallowed_border_of_queries_are_not_the_earlier_ones() -> None:
    start = XML.index(b"<Hsp_score>", XML.index(b"<Hit_num>2<"))
    end = XML.index(b"<Hit_num>3<", XML.index(b"<Iteration_iter-num>5<"))
    damaged = read_whole(XML[:start] + XML[XML.index(b"<Hsp_qseq>", end) + 30 :])
    assert damaged.hits["qseqid"].unique().to_list() == ["q1"]
    assert damaged.hits["sseqid"].to_list() == ["subj1"]


def test_whole_hits_behind_a_hole_in_an_earlier_one_are_kept() -> None:
    start = XML.index(b"<Hsp_qseq>") + 100
    damaged = read_whole(XML[:start] + XML[start + 50 :])
    assert damaged.hits.height == 58
    assert damaged.report.rejected == 1


def test_a_hole_in_the_only_query_leaves_the_hits_behind_it() -> None:
    one = XML[: XML.index(b"</Iteration>")] + b"</Iteration></BlastOutput_iterations></BlastOutput>\n"
    second = one.index(b"<Hit_num>2<")
    place = one.index(b"<Hsp_hseq>", second)
    damaged = read_whole(one[:place] + one[one.index(b"</Hsp>", place) :])
    assert damaged.hits["sseqid"].unique(maintain_order=True).to_list() == ["subj1", "subj2", "subj4"]
    assert damaged.hits.height == 27


def test_a_query_whose_head_is_lost_has_no_hits_of_another() -> None:
    xml2 = case("same-search/outfmt16.xml")
    damaged = read_whole(between(xml2, b"<hseq>", b"<query-len>"))
    assert "q1" not in damaged.hits["qseqid"].to_list()
    assert set(hsps(damaged)) <= set(rows_of(REPORTS[2]))


def test_a_hit_whose_id_is_lost_is_not_named_after_its_title() -> None:
    start = XML.index(b"<Hit_id>") + len(b"<Hit_id>")
    damaged = read_whole(XML[:start] + XML[XML.index(b"</Hit_id>", start) :])
    assert hsps(damaged) <= rows_of(REPORTS[0])
    assert damaged.report.rejected == 1


def test_rows_whose_comments_are_lost_are_not_those_of_the_query_before() -> None:
    table = case("same-search/outfmt7.tsv")
    start = table.index(b"# BLASTN", table.index(b"hits found"))
    damaged = read_whole(table[:start] + table[table.index(b"gnl|MYDB|q2|x\t") :])
    by_query = damaged.hits.group_by("qindex", maintain_order=True).agg(pl.col("qseqid").unique())
    assert all(len(ids) == 1 for ids in by_query["qseqid"])
    assert damaged.hits.height == 59
    assert sorted(query.index for query in damaged.queries) == list(range(5))
    assert (damaged.report.state, damaged.report.end_proof) == (FileState.TRUNCATED, EndProof.NONE)


def test_an_hsp_with_the_midline_of_another_is_of_two_halves() -> None:
    values = dict.fromkeys(FIELDS_5, b"1") | {"align_len": b"8", "identity": b"7"}
    values |= {"qseq": b"ACGT", "hseq": b"ACGTACGT", "midline": b"||||||| "}
    assert nearly_whole(values)
    assert not nearly_whole(values | {"midline": b"||| ||| "})


def test_an_identity_that_the_midline_does_not_bear_out_is_kept_as_it_was_printed() -> None:
    number = XML.index(b"<Hsp_identity>900<")
    whole = read_whole(XML[:number] + b"<Hsp_identity>899<" + XML[number + len(b"<Hsp_identity>900<") :])
    assert (whole.hits.height, whole.report.state, whole.hits["nident"][0]) == (59, FileState.READ, 899)


def test_much_that_is_in_doubt_does_not_wait_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    start = XML.index(b"<Hsp_qseq>") + 100
    data = XML[:start] + XML[start + 50 :]
    expected = read_whole(data)
    monkeypatch.setattr(assembly, "BATCH_BYTES", 2000)
    monkeypatch.setattr(assembly, "DOUBT_BYTES", 8000)
    assert hsps(read_whole(data, step=1000)) == hsps(expected)
