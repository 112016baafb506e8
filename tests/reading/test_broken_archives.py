"""Archives of which something was lost, and what stands behind them."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.data.archives import EVERY_FORMAT, TABLE_ONLY
from tests.reading.files import CASES, archive, case, read_whole

SEARCHES = [*EVERY_FORMAT, *TABLE_ONLY]

CASE = case("same-search/outfmt11.asn")
OWNED = ["qseqid", "sseqid", "qstart", "qend", "sstart", "send", "evalue", "bitscore", "nident", "gapopen"]


@given(
    st.sampled_from(["chunks", "psiblast", "tblastx", "blastn-subject"]), st.floats(0, 1, exclude_max=True)
)
@settings(max_examples=60, deadline=None)
def test_a_cut_within_an_archive_is_seen(name: str, share: float) -> None:
    data = archive(name).rstrip()
    whole, cut = (
        read_whole(data, iteration="all"),
        read_whole(data[: int(share * len(data))], iteration="all"),
    )
    assert cut.rows == whole.rows[: len(cut.rows)]
    assert len(cut.queries) <= len(whole.queries)
    if cut.report.state is FileState.READ:
        assert data[: int(share * len(data))].endswith((b"}", b"}\n", b"}\n\n"))
    else:
        assert cut.report.end_proof is not EndProof.PROVED
    statuses = {(q.index, q.iteration): q.status for q in cut.queries}
    rows = Counter(cut.hits.select("qindex", "iteration").rows())
    for key, count in Counter(whole.hits.select("qindex", "iteration").rows()).items():
        if rows[key] < count:
            assert statuses.get(key) not in (QueryStatus.HITS, QueryStatus.NO_HITS)


def holes(name: str, tries: int) -> list[tuple[str, bytes]]:
    data, chance = archive(name), random.Random(name)
    made = []
    for _ in range(tries):
        start, lost = chance.randrange(len(data)), chance.choice((100, 437, 3001, 8009, 20_011))
        noise = chance.choice((b"", b"", bytes(lost), chance.randbytes(lost)))
        made.append((f"{start}+{lost}", data[:start] + noise + data[start + lost :]))
    return made


@pytest.mark.parametrize("name", ["blastn", "blastx", "tblastx", "blastp-parsed", "blastn-subject", "chunks"])
def test_no_hole_gives_an_hsp_to_another(name: str) -> None:
    whole = Counter(read_whole(archive(name)).hits.select(OWNED).rows())
    for place, data in holes(name, 25):
        damaged = read_whole(data)
        rows = Counter(damaged.hits.select(OWNED).rows())
        assert rows <= whole, place
        assert damaged.report.state is not FileState.READ or rows == whole, place


def test_whole_hsps_on_both_sides_of_a_hole_are_kept_and_its_queries_are_partial() -> None:
    start = CASE.index(b'local str "Query_2"', CASE.index(b"alignments {"))
    end = CASE.rindex(b'id str "bit_score"', start, CASE.index(b'local str "Query_4"', start))
    damaged = read_whole(CASE[:start] + CASE[end:])
    assert damaged.hits["qseqid"].unique(maintain_order=True).to_list() == [
        "q1", "sp|P99999|Q4_TEST", "q5",
    ]  # fmt: skip
    assert [q.status for q in damaged.queries] == [
        QueryStatus.PARTIAL, QueryStatus.UNREAD, QueryStatus.UNREAD, QueryStatus.PARTIAL, QueryStatus.HITS,
    ]  # fmt: skip
    assert damaged.hits.filter(qseqid="q1").height == 28


def test_scores_of_one_hsp_beside_the_place_of_another_are_rejected() -> None:
    fields = CASE.replace(
        b'id str "blast_score",\n            value int 123',
        b'id str "blast_score",\n            value int 122',
        1,
    )
    assert read_whole(fields).hits.height == 58
    tenth = [found.start() for found in re.finditer(rb"segs denseg", CASE)][9]
    other = CASE.index(b"segs denseg", CASE.index(b'local str "Query_4"', tenth))
    joined = read_whole(CASE[:tenth] + CASE[other:])
    assert joined.report.state is FileState.TRUNCATED


@pytest.mark.parametrize("name", ["blastn", "tblastn", "blastn-ungapped", "blastx-ungapped"])
def test_an_hsp_on_a_strand_that_is_none_is_rejected(name: str) -> None:
    data = archive(name)
    start = data.index(b"minus", data.index(b"alignments {"))
    damaged = read_whole(data[:start] + b"minur" + data[start + 5 :])
    whole = Counter(read_whole(data).hits.select(OWNED).rows())
    assert Counter(damaged.hits.select(OWNED).rows()) < whole
    assert damaged.report.state is FileState.TRUNCATED


def test_letters_that_were_lost_of_a_sequence_are_missed() -> None:
    data = archive("blastn-subject")
    place = data.index(b"seq-data ncbi2na", data.index(b"subject sequences")) + 40
    damaged = read_whole(data[:place] + data[place + 4 :])
    assert damaged.report.state is FileState.TRUNCATED
    assert (
        damaged.hits.filter(sseqid="nuc0")["sseq"].null_count() == damaged.hits.filter(sseqid="nuc0").height
    )


def test_queries_are_listed_though_the_results_were_lost() -> None:
    cut = read_whole(CASE[: CASE.index(b"results {")])
    assert [q.id for q in cut.queries] == ["q1", "gnl|MYDB|q2|x", "lcl|q3", "sp|P99999|Q4_TEST", "q5"]
    assert {q.status for q in cut.queries} == {QueryStatus.UNREAD}


def test_an_archive_that_follows_a_broken_one_is_read() -> None:
    one = read_whole(CASE)
    both = read_whole(CASE[: CASE.index(b"masks {")] + CASE)
    assert both.hits.height == 2 * one.hits.height
    assert both.report.state is FileState.TRUNCATED
    assert [q.status for q in both.queries[5:]] == [q.status for q in one.queries]


OTHERS = {
    number: next((CASES / "same-search").glob(f"outfmt{number}.*"))
    for number in ("5", "6", "7", "10", "15", "16")
}


@given(
    st.sampled_from(["blastn", "blastp", "tblastx", "blastn-subject", "psiblast", "chunks"]),
    st.floats(0.02, 1),
    st.sampled_from(sorted(OTHERS)),
    st.sampled_from([b"", b"\n"]),
    st.booleans(),
    st.sampled_from([1 << 22, 70_000, 5000, 611]),
)
@example("psiblast", 0.99999, "10", b"\n", False, 611)  # a block ends before the first row
@settings(max_examples=60, deadline=None)
def test_what_follows_a_cut_archive_is_read_and_gets_no_row_of_its_rest(
    name: str, share: float, number: str, between: bytes, again: bool, step: int
) -> None:
    data, other, last = archive(name), OTHERS[number].read_bytes(), archive("blastn") if again else b""
    cut = data[: int(share * len(data))]
    whole, behind, after = (
        Counter(read_whole(text).hits.select(OWNED).rows()) for text in (data, other, last)
    )
    read = read_whole(cut + between + other + last, step=step, iteration="all")
    rows = Counter(read.hits.select(OWNED).rows())
    if number in ("6", "10") and not between and len(cut) < len(data):
        # The first row may have been joined to the rest of a line.
        behind = Counter(read_whole(other[other.index(b"\n") + 1 :]).hits.select(OWNED).rows())
        rows -= Counter(read_whole(other[: other.index(b"\n") + 1]).hits.select(OWNED).rows())
    assert behind + after <= rows
    assert rows <= behind + after + Counter(read_whole(data, iteration="all").hits.select(OWNED).rows())
    assert whole <= rows or read.report.state is FileState.TRUNCATED


@pytest.mark.parametrize(
    "title",
    [
        '<?xml version="1.0"?> <!DOCTYPE BlastOutput PUBLIC "-//NCBI//NCBI BlastOutput/EN">',
        '{ "BlastOutput2": [ { "report": {',
        "Blast4-archive ::= { request {",
        "# BLASTN 2.12.0+ # Query: q1 # Database: x # Fields: y",
        "results { alignments { { type partial, seq { id { messages {",
        "a,b,99.0,100,0,0,1,100,1,100,1e-5,200",
    ],
    ids=["xml", "json", "archive", "comments", "values", "row"],
)
def test_a_title_may_look_like_any_report(title: str) -> None:
    printed = title.replace('"', '""').encode()
    named = CASE.replace(b'title "q1', b'title "q1 ' + printed, 1)
    assert named != CASE
    found, one = read_whole(named), read_whole(CASE)
    assert (found.rows, found.report.state) == (one.rows, FileState.READ)
    assert (found.queries[0].title or "").startswith(f"q1 {title}")
