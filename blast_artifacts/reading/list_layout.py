"""How the hits of a report are laid out: learned from one, so that a whole list is one pattern's work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blast_artifacts.reading.plain_hits import PlainForm


@dataclass(frozen=True, slots=True)
class Layout:
    """A pattern for each HSP of a list with all that stands before it, none of it left to choose.

    Its groups are the hit's number, its texts, its length (these empty but for a hit's first HSP), the HSP's
    number and its cells. `before` stands between hits, `behind` after the last one. `head`, `more` and `hsp`
    count the bytes besides the groups: before the first HSP of a hit, before another one, and in each.
    """

    row: re.Pattern[bytes]
    before: bytes
    behind: bytes
    head: int
    more: int
    hsp: int
    lacking: int
    several: bool


def layout_of(form: PlainForm, buffer: bytes, start: int) -> Layout | None:
    """The layout of the hit there, if it tells: another one has to follow it."""
    pieces = list(_pieces(form, buffer, start))
    if len(pieces) < 4:
        return None
    *_, middle, first = pieces
    end, between = first.end(), None
    while (gone := form.between.match(buffer, end)) and (found := form.hsp.match(buffer, gone.end())):
        between = gone[0] if between is None else between
        end = found.end()
    tail = form.tail.match(buffer, end)
    if not tail or not form.head.match(buffer, tail.end()):
        return None
    before = buffer[end : tail.end()]
    forms = [
        form.count,
        *(form.count if name == "taxid" else form.letters for name in form.texts),
        form.count,
    ]
    head, literal = _pattern(pieces[:-1], forms, buffer, start)
    hsp, in_hsp = _pattern([first], form.cells, buffer, middle.end())
    begin = re.escape(before) + head
    row = begin if between is None else b"(?:%b|%b)" % (begin, re.escape(between))
    lacking = sum(cell is None for cell in first.groups())
    behind = before.rstrip(b", \t\r\n")
    return Layout(
        re.compile(row + hsp),
        before,
        behind,
        len(before) + literal,
        len(between or b""),
        in_hsp,
        lacking,
        between is not None,
    )


def _pieces(form: PlainForm, buffer: bytes, start: int) -> Iterator[re.Match[bytes]]:
    for pattern in (form.head, form.defline, form.middle, form.hsp):
        found = pattern.match(buffer, start)
        if not found:
            return
        yield found
        start = found.end()


def _pattern(
    pieces: Sequence[re.Match[bytes]], forms: Sequence[bytes], buffer: bytes, place: int
) -> tuple[bytes, int]:
    """The pattern of neighbouring matches with these forms of their groups, and its bytes besides them."""
    given = iter(forms)
    parts, literal = [], 0
    for piece in pieces:
        for number in range(1, piece.re.groups + 1):
            form = next(given)
            if piece[number] is None:
                parts.append(b"()")
                continue
            parts += [re.escape(buffer[place : piece.start(number)]), form]
            literal += piece.start(number) - place
            place = piece.end(number)
    end = pieces[-1].end()
    return b"".join([*parts, re.escape(buffer[place:end])]), literal + end - place
