from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading import lines
from blast_artifacts.reading.lines import BOM, Regions, marked_lines

TEXTS = st.lists(st.sampled_from([b"#", b"\n", BOM, b"\xef", b"q\ts", b"\r", b"# 3 hits found"])).map(
    b"".join
)


@given(TEXTS, st.data())
def test_marked_lines_are_those_that_the_pattern_finds(text: bytes, data: st.DataObject) -> None:
    whole = _end_of_line(text, data.draw(st.integers(0, text.count(b"\n"))))
    pattern = re.compile(rb"^(?:\xef\xbb\xbf)?#[^\n]*\n", re.MULTILINE)
    assert list(marked_lines(text, whole)) == [mark.span() for mark in pattern.finditer(text, 0, whole)]


def _end_of_line(text: bytes, count: int) -> int:
    place = 0
    for _ in range(count):
        place = text.index(b"\n", place) + 1
    return place


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=12), st.integers(1, 12), st.integers(0, 20))
def test_regions_are_the_whole_text_in_whole_lines(blocks: list[bytes], region: int, more: int) -> None:
    before = lines.REGION, lines.LONGEST_LINE
    lines.REGION, lines.LONGEST_LINE = region, region + more
    try:
        found = list(Regions(blocks))
    finally:
        lines.REGION, lines.LONGEST_LINE = before
    assert b"".join(found) == b"".join(blocks)
    assert all(text.endswith(b"\n") or len(text) >= region + more for text in found[:-1])
