"""What a reader takes in one go must be what it makes of the same bytes token by token."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading.assembly import Assembly
from blast_artifacts.reading.json_report import _Json
from blast_artifacts.reading.plain_lists import PlainList
from blast_artifacts.reading.xml_report import _Xml
from blast_artifacts.terms import FileState
from tests.reading.files import DATA, GOLDEN, Whole, case, read_whole

SEARCHES = DATA / "searches"
FILES = [
    case(name)
    for name in (
        "same-search/outfmt5.xml", "damaged/writer-aborted.outfmt5.xml", "damaged/two-documents.outfmt5.xml",
        "damaged/stray-text.outfmt5.xml", "columns/no-parse-seqids.outfmt5.xml",
        "encoding/latin1.outfmt5.xml", "psiblast/outfmt5.xml", "translated/blastx.outfmt5.xml",
        "same-search/outfmt16.xml", "same-search/outfmt14_1.xml",
        "same-search/outfmt15.json", "same-search/outfmt13_1.json",
        "taxa/merged-deflines.outfmt15.json", "encoding/latin1.outfmt15.json", "no-hits/outfmt15.json",
        "psiblast/outfmt15.json",
    )
]  # fmt: skip
FILES += [
    (GOLDEN / f"{program}.outfmt{number}").read_bytes()
    for program in ("blastn", "tblastx")
    for number in (15, 16)
]
FILES += [
    gzip.decompress((SEARCHES / program / name).read_bytes())
    for program in ("blastn", "blastp")
    for name in ("outfmt5.xml.gz", "outfmt15.json.gz", "outfmt16.xml.gz")
]
_MARKS = re.compile(rb"[\d,{}\[\]]")
_PIECES = re.compile(rb"<[^>]*>[^<]*|[^\n]*\n")
Edit = tuple[str, float, float, bytes]
edits = st.tuples(
    st.sampled_from(
        ["cut", "put", "drop a piece", "repeat a piece", "move", "join", "drop a mark", "double a mark"]
    ),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(
        [b"", b"<", b">", b"\0", b"\xff", b"7", b"</Hit>", b"<Hit>", b"<![CDATA[x]]>", b"&lt;", b"\n", b'"',
         b"{", b"}", b"]", b",", b"\\", b'"num": 1,', b"\x7f", b" "]
    ),
)  # fmt: skip


def edited(data: bytes, edit: Edit) -> bytes:
    """The file with bytes, tags, marks or lines lost, added, repeated or moved, or with itself again."""
    what, where, much, new = edit
    place = int(where * len(data))
    if what == "cut":
        return data[:place] + new + data[place + int(much * 3000) :]
    if what == "put":
        return data[:place] + new + data[place:]
    if what == "join":
        return data[:place] + new + data[int(much * len(data)) :]
    piece = (_MARKS if what.endswith("mark") else _PIECES).search(data, place)
    if piece is None:
        return data
    start, end = piece.span()
    if what.startswith("drop"):
        return data[:start] + data[end:]
    if what != "move":
        return data[:end] + piece[0] + data[end:]
    other = int(much * len(data))
    return data[:other] + piece[0] + data[other:]


@contextmanager
def token_by_token() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for reader in (_Xml, _Json):
            for name in ("_plain_hits", "_plain_hsps"):
                patch.setattr(reader, name, lambda _reader, start, _buffer: start)
        yield


def same(one: Whole, other: Whole) -> None:
    assert one.hits.equals(other.hits)
    assert one.queries == other.queries
    assert one.report == other.report


@pytest.mark.parametrize("number", range(len(FILES)))
def test_both_roads_read_the_same(number: int) -> None:
    fast = read_whole(FILES[number], iteration="all")
    with token_by_token():
        same(fast, read_whole(FILES[number], iteration="all"))


@given(st.sampled_from(FILES), st.lists(edits, min_size=1, max_size=3), st.integers(500, 200_000))
@settings(max_examples=150, deadline=None)
def test_both_roads_read_the_same_of_what_is_cut_joined_and_changed(
    data: bytes, changes: list[Edit], step: int
) -> None:
    for change in changes:
        data = edited(data, change)
    fast = read_whole(data, step=step, iteration="all")
    with token_by_token():
        same(fast, read_whole(data, step=step, iteration="all"))


NO_JSON = [
    (rb"\},(\s*\{\s*\"num\": \d+,\s*\"bit_score\")", rb"}\1"),
    (rb"\},(\s*\{\s*\"num\": \d+,\s*\"description\")", rb"}\1"),
    (rb"\},(\s*\{\s*\"id\")", rb"}\1"),
    (rb"(\"(?:hits|description|hsps)\": \[)(\s*\{)", rb"\1,\2"),
    (rb"(\})(\s*\]\s*\},\s*\{\s*\"num\")", rb"\1,\2"),
    (rb"(\"(?:num|gaps|taxid|len|query_from|hit_to|evalue|bit_score|score)\": )(\d)", rb"\g<1>0\2"),
]


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize(("right", "wrong"), NO_JSON)
def test_what_no_json_has_is_malformed_on_both_roads(right: bytes, wrong: bytes, count: int) -> None:
    names = ("same-search/outfmt15.json", "taxa/merged-deflines.outfmt15.json")
    places = [data for data in map(case, names) if re.search(right, data)]
    assert places
    for data in places:
        changed = re.sub(right, wrong, data, count=count)
        fast = read_whole(changed, iteration="all")
        assert (fast.report.state, fast.report.reason) == (FileState.TRUNCATED, "malformed_json")
        with token_by_token():
            same(fast, read_whole(changed, iteration="all"))


@pytest.mark.parametrize("name", ["outfmt5.xml.gz", "outfmt15.json.gz", "outfmt16.xml.gz"])
def test_lists_as_blast_writes_them_are_taken_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    add_list = Assembly.add_list

    def counted(assembly: Assembly, found: PlainList) -> bool:
        rows.append(found.stop - found.first)
        return add_list(assembly, found)

    monkeypatch.setattr(Assembly, "add_list", counted)
    whole = read_whole(gzip.decompress((SEARCHES / "blastp" / name).read_bytes()))
    assert sum(rows) > whole.hits.height / 2
