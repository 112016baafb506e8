"""What holds for any file, however it was cut, changed or joined."""

from __future__ import annotations

import gzip

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.terms import EndProof, FileState
from tests.reading.files import CASES, Whole, case, read_whole

NAMES = [
    "same-search/outfmt5.xml", "same-search/outfmt6.tsv", "same-search/outfmt7.tsv",
    "same-search/outfmt10.csv", "same-search/outfmt15.json", "same-search/outfmt16.xml",
    "same-search/outfmt14_1.xml", "same-search/outfmt13_1.json", "no-hits/outfmt5.xml",
    "no-hits/outfmt7.tsv", "no-hits/outfmt15.json", "damaged/writer-aborted.outfmt5.xml",
    "damaged/two-documents.outfmt5.xml", "damaged/stray-text.outfmt5.xml",
    "columns/twenty-columns.outfmt7.tsv", "columns/no-parse-seqids.outfmt5.xml",
    "encoding/crlf.outfmt7.tsv", "encoding/latin1.outfmt5.xml", "encoding/utf8.outfmt15.json",
    "psiblast/outfmt5.xml", "psiblast/outfmt7.tsv", "psiblast/outfmt15.json",
    "translated/blastx.outfmt5.xml", "same-search/outfmt11.asn", "taxa/merged-deflines.outfmt15.json",
]  # fmt: skip
FILES = {name: case(name) for name in NAMES}
WHOLE: dict[str, Whole] = {}
names = st.sampled_from(NAMES)


def whole(name: str) -> Whole:
    if name not in WHOLE:
        WHOLE[name] = read_whole(FILES[name], iteration="all")
    return WHOLE[name]


@given(names, st.floats(0, 1), st.integers(1, 100_000))
@settings(max_examples=250, deadline=None)
def test_a_cut_gives_a_beginning_of_the_rows_and_is_seen(name: str, share: float, step: int) -> None:
    data = FILES[name].rstrip()
    cut = read_whole(data[: int(share * len(data))], step=step, iteration="all")
    if cut.report.state is FileState.UNSUPPORTED:
        assert not cut.hits.height
        return
    assert cut.rows == whole(name).rows[: len(cut.rows)]
    assert len(cut.queries) <= len(whole(name).queries)
    if whole(name).report.end_proof is EndProof.PROVED and share < 1:
        # The first of two joined documents has an end of its own.
        complete = cut.report.state is FileState.READ
        assert not complete or cut.report.end_proof is EndProof.PROVED
        assert not complete or "two-documents" in name or int(share * len(data)) == len(data)


@given(names, st.integers(1, 100_000))
@settings(max_examples=60, deadline=None)
def test_the_size_of_blocks_does_not_show(name: str, step: int) -> None:
    other = read_whole(FILES[name], step=step, iteration="all")
    assert other.rows == whole(name).rows
    assert other.queries == whole(name).queries
    assert other.report == whole(name).report


@given(names, st.floats(0, 1), st.binary(max_size=40), st.integers(0, 3000), st.booleans())
@settings(max_examples=250, deadline=None)
def test_no_change_of_bytes_raises(name: str, share: float, new: bytes, lost: int, packed: bool) -> None:
    data = gzip.compress(FILES[name], mtime=0) if packed else FILES[name]
    place = int(share * len(data))
    changed = read_whole(data[:place] + new + data[place + lost :])
    report = changed.report
    assert report.reason or report.state is FileState.READ
    if report.state is not FileState.UNSUPPORTED:
        assert report.rows == changed.hits.height or "psiblast" in name


@given(names, st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_cut_gzip_is_seen(name: str, share: float) -> None:
    data = gzip.compress(FILES[name], mtime=0)
    cut = read_whole(data[: int(share * (len(data) - 1))], iteration="all")
    assert cut.report.state is not FileState.READ
    assert cut.rows == whole(name).rows[: len(cut.rows)] or cut.report.state is FileState.UNSUPPORTED


def behind(first: Whole, second: Whole) -> list[tuple[object, ...]]:
    """The rows of both, the queries of the second numbered on."""
    moved = pl.col("qindex") + len({query.index for query in first.queries})
    return first.rows + second.hits.with_columns(moved).drop("deflines").rows()


@given(names, names, st.tuples(st.booleans(), st.booleans()), st.integers(1, 100_000))
@settings(max_examples=100, deadline=None)
def test_any_two_joined_files_are_read_as_both(
    first: str, second: str, packed: tuple[bool, bool], step: int
) -> None:
    one, two = whole(first), whole(second)
    parts = zip((FILES[first], FILES[second]), packed, strict=True)
    data = b"".join(gzip.compress(text, mtime=0) if pack else text for text, pack in parts)
    both = read_whole(data, step=step, iteration="all")
    assert both.rows == behind(one, two)
    assert [(q.id, q.status) for q in both.queries] == [(q.id, q.status) for q in one.queries + two.queries]
    assert (both.report.state is FileState.READ) == (one.report.state is two.report.state is FileState.READ)
    proofs = {one.report.end_proof, two.report.end_proof}
    assert (both.report.end_proof is EndProof.PROVED) == (proofs == {EndProof.PROVED})
    assert both.report.bytes == len(FILES[first] + FILES[second])


@pytest.mark.parametrize("number", ["5", "6", "7", "10", "11", "15", "16"])
def test_a_file_joined_to_itself_has_twice_the_pairs_and_says_that_ids_come_again(number: str) -> None:
    data = next((CASES / "same-search").glob(f"outfmt{number}.*")).read_bytes()
    one, two = read_whole(data), read_whole(data + data)
    assert (two.pairs, two.hits.height) == (2 * one.pairs, 2 * one.hits.height)
    assert "duplicate_query_ids" in two.codes
    assert "formats_joined" not in two.codes


def test_a_report_behind_one_of_another_format_is_said() -> None:
    both = read_whole(case("same-search/outfmt5.xml") + case("same-search/outfmt6.tsv"))
    assert both.hits.height == 118
    assert "formats_joined" in both.codes


LOSSES: dict[str, tuple[str, bytes, bytes]] = {
    "count": ("psiblast/outfmt7.tsv", b"# 10 hits", b"prot\tfam0"),
    "count and a row": ("psiblast/outfmt7.tsv", b"# 10 hits", b"prot\tfam1"),
    "labels, count and a row": ("columns/twenty-columns.outfmt7.tsv", b"evalue, bit", b"\tplus"),
    "key of a query": ("taxa/merged-deflines.outfmt15.json", b'search"', b'": {'),
    "id of a query": ("psiblast/outfmt15.json", b'"query_id"', b'"query_title"'),
    "head of a query": ("no-hits/outfmt5.xml", b"  <Iteration_query-ID>", b"</Iteration>"),
    "all queries": ("no-hits/outfmt5.xml", b"<Iteration>", b"</BlastOutput_iterations>"),
    "title of a hit": ("psiblast/outfmt5.xml", b"  <Hit_def>", b"  <Hit_accession>"),
    "border of hits": ("encoding/latin1.outfmt5.xml", b"  <Hit_def>Al", b"  <Hit_accession>subj2"),
    "head of HSPs": ("same-search/outfmt15.json", b'"id": "subj4"', b'"query_strand"'),
    "frame": ("translated/blastx.outfmt5.xml", b"      <Hsp_query-frame>", b"      <Hsp_hit-frame>"),
}  # fmt: skip


@pytest.mark.parametrize("what", LOSSES)
def test_what_can_be_seen_to_be_lost_is_seen(what: str) -> None:
    """What is left is well formed. Letters of titles, digits of numbers and last hits cannot be missed.

    An identity stands in the midline too, but no BLAST promises that masked letters count alike in both.
    """
    name, first, behind = LOSSES[what]
    data = FILES[name]
    start = data.index(first)
    end = data.index(behind, start + 1)
    if what == "frame":
        start = data.index(first, end)
        end = data.index(behind, start)
    assert read_whole(data).report.state is FileState.READ
    report = read_whole(data[:start] + data[end:]).report
    assert (report.state, report.reason is None) == (FileState.TRUNCATED, False)


def test_an_empty_file_has_no_hits_only_in_a_format_that_prints_nothing_then() -> None:
    for outfmt, reason in (("6", None), ("10", None), ("5", "empty_report"), (None, "empty_format_unknown")):
        report = read_whole(b"", outfmt).report
        assert (report.state, report.reason) == (FileState.EMPTY, reason)
    assert read_whole(gzip.compress(b"", mtime=0)).report.state is FileState.EMPTY
    assert read_whole(gzip.compress(b"", mtime=0)[:-3]).report.state is FileState.UNREADABLE
