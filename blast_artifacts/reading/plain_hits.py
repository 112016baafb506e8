"""Hits that stand in a report exactly as BLAST writes them, from first to last byte: each is taken whole.

Every other hit, a damaged one above all, is left to the reader that goes token by token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from blast_artifacts.reading.deflines import Defline
from blast_artifacts.reading.hsp_checks import agrees, compared

Cells = Sequence[bytes]
_LINE = ("id", "title", "accession", "taxid", "name")


@dataclass(frozen=True)
class PlainForm:
    """The pieces of a hit, each of which ends before the first byte of the next.

    `head` holds the hit's number, `defline` the texts that `texts` names in order, `middle` the length, `hsp`
    an HSP's number and cells, of which some may be absent; `cells` are the patterns of these. `between`
    stands behind every HSP and takes what parts it from the next, if one follows. `strips`: white space
    around a text is none of it. `count` is the pattern of a number, `letters` of a text without anything
    odd. A list of hits begins behind `opens` and ends before the last `last` up to `closes`.
    """

    head: re.Pattern[bytes]
    defline: re.Pattern[bytes]
    texts: tuple[str, ...]
    middle: re.Pattern[bytes]
    hsp: re.Pattern[bytes]
    cells: tuple[bytes, ...]
    between: re.Pattern[bytes]
    tail: re.Pattern[bytes]
    strips: bool
    count: bytes
    letters: bytes
    opens: bytes
    closes: bytes
    last: bytes


@dataclass(slots=True)
class PlainHit:
    """A hit and the place behind it; its HSPs are numbered through and fit. `lacking` cells are absent."""

    number: int
    length: int
    deflines: list[Defline]
    hsps: list[Cells]
    lacking: int
    end: int


class PlainHits:
    """Finds such hits; `text` makes a text of the bytes of one, None where only the other reader can."""

    def __init__(self, form: PlainForm, fields: Sequence[str], text: Callable[[bytes], str | None]) -> None:
        self._form = form
        self._compared = compared(fields)
        self._text = text
        self._decoded: Callable[[bytes], str] = _stripped if form.strips else bytes.decode
        places = {name: place for place, name in enumerate(form.texts)}
        self._line = itemgetter(*(places.get(name, -1) for name in _LINE))
        self._hsp: re.Pattern[bytes] | None = None
        self._lacking = 0

    def at(self, buffer: bytes, start: int, by_blast_plus: bool) -> PlainHit | None:
        """The hit that begins there, if it is plain and ends in the buffer."""
        form = self._form
        if not (head := form.head.match(buffer, start)):
            return None
        place, described = head.end(), []
        while found := form.defline.match(buffer, place):
            described.append(found.groups())
            place = found.end()
        middle = form.middle.match(buffer, place)
        deflines = [line for cells in described if middle and (line := self._defline(cells))]
        if not middle or not deflines or len(deflines) < len(described):
            return None
        hsps, end = self._hsps(buffer, middle.end(), by_blast_plus)
        tail = form.tail.match(buffer, end)
        if not tail or not hsps:
            return None
        return PlainHit(int(head[1]), int(middle[1]), deflines, hsps, self._lacking, tail.end())

    def _hsps(self, buffer: bytes, place: int, by_blast_plus: bool) -> tuple[list[Cells], int]:
        """The HSPs from there on, and the place behind the last that is plain."""
        hsps, end = self._matching(self._hsp, buffer, place, by_blast_plus)
        if not hsps and self._learn(buffer, place):
            hsps, end = self._matching(self._hsp, buffer, place, by_blast_plus)
        return hsps, end

    def _matching(
        self, pattern: re.Pattern[bytes] | None, buffer: bytes, place: int, by_blast_plus: bool
    ) -> tuple[list[Cells], int]:
        hsps: list[Cells] = []
        if not pattern:
            return hsps, place
        match, needed = pattern.match, self._compared
        while found := match(buffer, place):
            cells = found.groups()[1:]
            if int(found[1]) != len(hsps) + 1 or not agrees(needed(cells), by_blast_plus):
                break
            hsps.append(cells)
            place = found.end()
        return hsps, place

    def _learn(self, buffer: bytes, place: int) -> bool:
        """Take a pattern without choices from the HSP there; False if it is not another than before."""
        found = self._form.hsp.match(buffer, place)
        if not found:
            return False
        gaps, absent, end = [], [], place
        for number in range(1, found.re.groups + 1):
            absent.append(found[number] is None)
            if not absent[-1]:
                gaps.append(buffer[end : found.start(number)])
                end = found.end(number)
        gaps.append(buffer[end : found.end()])
        self._lacking = sum(absent)
        before, self._hsp = (
            self._hsp,
            _pattern(self._form.cells, tuple(absent), tuple(gaps), self._form.between.pattern),
        )
        return self._hsp is not before

    def _defline(self, cells: tuple[bytes | None, ...]) -> Defline | None:
        printed, title, accession, taxid, name = self._line((*cells, None))
        raw = b"".join((printed, title, accession, name or b""))
        # Most texts are plain as well.
        text = (
            self._decoded if raw.isascii() and b"&" not in raw and raw.decode().isprintable() else self._text
        )
        texts = [text(printed), text(title), text(accession), text(name) if name is not None else ""]
        if None in texts or not texts[0]:
            return None
        return Defline(texts[0], texts[1], int(taxid) if taxid else None, texts[3] or None, texts[2])


def _stripped(raw: bytes) -> str:
    return raw.decode().strip()


@lru_cache(maxsize=8)
def _pattern(
    cells: tuple[bytes, ...], absent: tuple[bool, ...], gaps: tuple[bytes, ...], between: bytes
) -> re.Pattern[bytes]:
    given = iter(gaps)
    parts = [
        b"()" if gone else re.escape(next(given)) + cell for cell, gone in zip(cells, absent, strict=True)
    ]
    return re.compile(b"".join([*parts, re.escape(next(given)), between]))
