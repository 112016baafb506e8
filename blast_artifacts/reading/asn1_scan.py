"""The bytes of BLAST's archives (`-outfmt 11`) -> the parts that matter; after a break, the next whole one.

Walks through an archive by its names, takes small values whole, and passes over the rest without keeping it:
what is held is one value, however large the archive.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from blast_artifacts.reading.asn1_borders import LONGEST_HEAD, goes_on, split_at_heads
from blast_artifacts.reading.asn1_grammar import (
    ARCHIVE_HEAD,
    BY_BLAST,
    ENTERED,
    FOLLOWING,
    FOLLOWING_OF_BLAST,
    LETTERS,
    NAMES,
    NESTED,
    RESIDUES,
    RESUME,
    RESUME_OF_BLAST,
    SKIPPED,
    SKIPPED_OF_BLAST,
    SPACE,
    UNNAMED,
    WHOLE,
)
from blast_artifacts.reading.asn1_value import AFTER, ELEMENT, Cut, Element, Malformed, Value, indented, parse
from blast_artifacts.reading.damage import broken
from blast_artifacts.reading.detect import HEAD, detect, find_report
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.lines import LineCounter

LONGEST_VALUE = 64 << 20
"""A value that goes on longer than this is damage, not data."""

_LONGEST_MARK = 200


@dataclass(slots=True)
class Braces:
    """Open braces: what they hold, where they stand; `between`: a comma or their end comes next, `listed`: a
    comma came, so that they do not end before another value."""

    kind: str
    start: int
    between: bool = False
    listed: bool = False
    depth: int = 1


class Asn1Scan(ABC):
    """Places are relative to the buffer, which begins at byte `_base` of the file."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._buffer = b""
        self._base = 0
        self._begins_line = False
        self._lines = LineCounter()
        self._stack: list[Braces] = []
        self._lost = False
        self._archives = 0
        self._as_blast = False
        self._resumed = -1
        self._quote = b""
        self._encoding = ""
        self._last = False
        self._held = b""
        self._handed_back = False
        self.behind: bytes | None = None

    @abstractmethod
    def _began(self, kind: str, words: bytes, start: int) -> None:
        """Braces that are walked through."""

    @abstractmethod
    def _ended(self, kind: str, whole: bool) -> None:
        """Their end; not `whole` if something in them, or their end, was lost."""

    @abstractmethod
    def _leaf(self, kind: str, words: bytes, value: Value) -> None:
        """A value without braces in braces of a kind."""

    @abstractmethod
    def _value(self, kind: str, words: bytes, value: list[Element], start: int) -> None:
        """A value that was taken whole."""

    @abstractmethod
    def _plain(self, kind: str, start: int, buffer: bytes) -> int:
        """Take alignments that are written exactly as BLAST writes them; the place behind them."""

    @abstractmethod
    def _residues(self, encoding: str, piece: bytes) -> None:
        """The next bytes of a sequence."""

    @abstractmethod
    def _broken(self, kinds: list[str]) -> None:
        """Something within these braces, outermost first, was lost."""

    def feed(self, block: bytes, last: bool = False) -> None:
        """Read as far as the bytes so far allow, up to a report of another format, which is `behind`."""
        if self.behind is not None:
            return
        text, self._held = self._held + block, b""
        stop = len(text) if last else max(0, len(text) - LONGEST_HEAD)
        pieces, other = split_at_heads(text, stop)
        if other is None:
            self._held = text[stop:]
        for place, piece in enumerate(pieces):
            if place:
                self._break_off()
            self._buffer += piece
            self._advance(last or other is not None or place < len(pieces) - 1)
            if self._handed_back:
                other = b"".join((self._buffer, *pieces[place + 1 :], self._held, other or b""))
                self._buffer = self._held = b""
                break
        self.behind = other
        self._report.bytes = self._base + len(self._buffer) + len(self._held)

    def _advance(self, last: bool) -> None:
        self._last = last
        position = self._scan(last)
        self._lines.drop(self._buffer, position)
        self._base += position
        if position:
            self._begins_line = self._buffer[position - 1 : position] == b"\n"
        self._buffer = self._buffer[position:]

    def _break_off(self) -> None:
        """Another archive begins: what is open was cut."""
        if self._stack and not self._lost:
            self._fault(0, "end_missing")
        self._cut_to("")
        self._lost = False

    @property
    def lines(self) -> int:
        """Line ends that were read."""
        return self._line(0) - 1

    def _scan(self, last: bool) -> int:
        buffer, place = self._buffer, 0
        while place < len(buffer) and not self._handed_back:
            if self._lost:
                place, found = self._resume(place)
                if not found:
                    return len(buffer) if last and not self._handed_back else place
            try:
                behind = self._step(place, buffer)
            except Cut:
                if not last and len(buffer) - place < LONGEST_VALUE:
                    return place
                behind = self._fault(place, "end_missing" if last else "oversized_text")
            except Malformed as fault:
                behind = self._fault(place, "malformed_asn1", fault.place)
            place = behind
        return place

    def _step(self, place: int, buffer: bytes) -> int:
        """Handle what comes next; the place behind it."""
        if not self._stack:
            return self._outside(place, buffer)
        top = self._stack[-1]
        if top.kind == "residues":
            return self._letters(top, place, buffer)
        if top.kind == "skipped":
            return self._skip(top, place, buffer)
        if top.between:
            return self._between(top, place, buffer)
        if top.kind in ("alignments", "diagonals"):
            behind = self._plain(top.kind, place, buffer)
            if behind > place:
                # A comma there belongs to what was taken.
                top.listed = buffer[behind - 1 : behind] == b","
                top.between = not top.listed
                return behind
        if top.kind == "instance" and (found := LETTERS.match(buffer, place)):
            self._stack.append(Braces("residues", self._base + place))
            self._quote, self._encoding = found[2], found[1].decode()
            return found.end()
        return self._element(top, place, buffer)

    def _outside(self, place: int, buffer: bytes) -> int:
        place = SPACE.match(buffer, place).end()  # type: ignore[union-attr]
        if place == len(buffer):
            return place
        found = ARCHIVE_HEAD.match(buffer, place)
        if found is None and self._archives:
            if len(buffer) - place < HEAD and not self._last:
                raise Cut
            if not detect(buffer[place : place + HEAD]).reason:
                self._handed_back = True
                return place
        if found is None:
            raise Cut if len(buffer) - place < _LONGEST_MARK else Malformed(place)
        if len(buffer) - found.end() < _LONGEST_MARK and not self._last:
            raise Cut
        self._archives += 1
        self._as_blast = BY_BLAST.match(buffer, found.end()) is not None
        self._open("archive", b"", place)
        return found.end()

    def _open(self, kind: str, words: bytes, place: int) -> None:
        self._stack.append(Braces(kind, self._base + place))
        if kind != "skipped":
            self._began(kind, words, place)

    def _between(self, top: Braces, place: int, buffer: bytes) -> int:
        mark = AFTER.match(buffer, place)
        if mark is None:
            raise Malformed(place) if buffer[place:].strip() else Cut
        if mark[1] == b",":
            top.between, top.listed = False, True
        elif self._as_blast and not indented(buffer, place, len(self._stack) - 1):
            raise Malformed(place)
        else:
            self._close(whole=True)
        return mark.end()

    def _close(self, whole: bool) -> None:
        top = self._stack.pop()
        if self._stack:
            self._stack[-1].between = True
        if top.kind not in ("skipped", "residues"):
            self._ended(top.kind, whole)

    def _element(self, top: Braces, place: int, buffer: bytes) -> int:
        head = ELEMENT.match(buffer, place)
        resumed = self._base + place == self._resumed
        if head is None or head.end() == len(buffer):
            unfinished = len(buffer) - place < _LONGEST_MARK or b'"' in buffer[place : place + _LONGEST_MARK]
            raise Cut if unfinished else Malformed(place)
        words, opened, token = head.groups()
        name = b" ".join(words.split())
        behind = head.end()
        something = name or token or opened
        if self._as_blast and something and not (resumed or indented(buffer, place, len(self._stack))):
            raise Malformed(place)
        if something and name.split(b" ", 1)[0] not in NAMES.get(top.kind, UNNAMED):
            raise Malformed(place)
        if not opened:
            if something:
                self._leaf(top.kind, name, token)
            elif top.listed or buffer[behind : behind + 1] == b",":
                raise Malformed(behind)
            top.between = True
            return behind if something else place
        if name in WHOLE.get(top.kind, ()):
            if len(buffer) - behind < _LONGEST_MARK and not self._last:
                raise Cut
            if top.kind == "alignments" and NESTED.match(buffer, behind):
                self._open("align", name, place)
                return behind
            return self._take(top, name, behind, place)
        self._open(ENTERED.get(top.kind, {}).get(name, "skipped"), name, place)
        return behind

    def _take(self, top: Braces, name: bytes, behind: int, place: int) -> int:
        buffer = self._buffer
        resume, other = self._marks
        following = (resume if top.kind == "diagonals" else other).search(buffer, behind)
        end = following.start() if following else len(buffer)
        try:
            depth = len(self._stack) + 1 if self._as_blast else None
            value, after = parse(buffer, behind, end, depth)
        except Cut:
            if following is None:
                raise
            raise Malformed(place) from None
        self._value(top.kind, name, value, place)
        top.between = True
        return after

    def _skip(self, top: Braces, place: int, buffer: bytes) -> int:
        """Pass over what is not needed."""
        behind = place
        for found in (SKIPPED_OF_BLAST if self._as_blast else SKIPPED).finditer(buffer, place):
            mark = found[0]
            if mark[0] in b"\n\0":
                raise Malformed(found.start())
            if mark not in b"{}" and (len(mark) == 1 or found.end() == len(buffer)):
                # The end of the string may be still to come.
                return self._unfinished(found.start(), place)
            behind = found.end()
            top.depth += (mark == b"{") - (mark == b"}")
            if not top.depth:
                if self._as_blast and not self._closes(found.start()):
                    raise Malformed(found.start())
                self._close(whole=True)
                return behind
        return self._unfinished(max(behind, len(buffer) - _LONGEST_MARK), place)

    def _closes(self, place: int) -> bool:
        """Whether a closing brace stands where BLAST puts that of the innermost braces."""
        line = self._buffer.rfind(b"\n", 0, place)
        alone = line >= 0 and not self._buffer[line:place].strip()
        return not alone or indented(self._buffer, line, len(self._stack) - 1)

    def _unfinished(self, behind: int, place: int) -> int:
        """Where passing over goes on when more bytes are there."""
        if behind > place:
            return behind
        raise Cut

    def _letters(self, top: Braces, place: int, buffer: bytes) -> int:
        """The letters of a sequence, which may be those of a whole chromosome."""
        end = buffer.find(self._quote, place)
        piece = buffer[place : len(buffer) if end < 0 else end]
        if not RESIDUES.fullmatch(piece):
            raise Malformed(place)
        behind = end + (2 if self._quote == b"'" else 1)
        if end >= 0 and behind > len(buffer):
            raise Cut
        self._residues(self._encoding, piece)
        if end < 0:
            return len(buffer)
        self._close(whole=True)
        return behind

    @property
    def _marks(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        return (RESUME_OF_BLAST, FOLLOWING_OF_BLAST) if self._as_blast else (RESUME, FOLLOWING)

    # -- breaks --------------------------------------------------------------------------------------------

    def _line(self, place: int) -> int:
        return self._lines.line(self._buffer, place)

    def _fault(self, place: int, reason: str, at: int | None = None) -> int:
        """What stands here cannot be; the place from which to look for something whole."""
        if not self._stack:
            reason = "trailing_data"
        broken(self._report, reason, self._base + place)
        self._broken([braces.kind for braces in self._stack])
        self._lost = True
        return max(place + 1, at or 0)

    def _resume(self, place: int) -> tuple[int, bool]:
        """The next place where something whole may begin, and whether it is in the buffer."""
        for found in self._marks[0].finditer(self._buffer, place):
            if self._unwind(found):
                self._lost = False
                self._resumed = self._base + found.start()
                return found.start(), True
        if (other := self._report_from(place)) >= 0:
            self._handed_back = True
            return other, False
        line = self._buffer.rfind(b"\n", place)
        mark = line if len(self._buffer) - line < HEAD else len(self._buffer) - _LONGEST_MARK
        return max(place, mark), False

    def _report_from(self, place: int) -> int:
        """Where a report of another format begins, from the line on in which this place is, or -1."""
        gone = b"\n" if self._begins_line else b""
        buffer, place = gone + self._buffer, len(gone) + place
        start = max(place if place == 0 else buffer.rfind(b"\n", 0, place), 0)
        while (found := find_report(buffer[start:])) >= 0:
            row = start + found
            before = buffer[buffer.rfind(b"\n", 0, max(row - 1, 0)) + 1 : row]
            if not before.endswith(b"\n") or not goes_on(before):
                return row - len(gone)
            start = row
        return -1

    def _unwind(self, found: re.Match[bytes]) -> bool:
        """Go back to the braces that this can stand in."""
        archive, alignment, query, diagonal = found.groups()
        if archive:
            self._cut_to("")
            return True
        if alignment:
            return self._cut_to("alignments") or self._in_results(found.start())
        if diagonal:
            return self._cut_to("diagonals")
        if query:
            return self._cut_to("sequences")
        return self._cut_to("archive")

    def _in_results(self, place: int) -> bool:
        """Stand in the list of alignments though its beginning was lost."""
        if not self._cut_to("archive"):
            return False
        self._open("results", b"results", place)
        self._open("alignments", b"alignments", place)
        self._broken([braces.kind for braces in self._stack])
        return True

    def _cut_to(self, kind: str) -> bool:
        """Close all braces within those of a kind, or all; False if there are none of that kind."""
        kinds = [braces.kind for braces in self._stack]
        if kind and kind not in kinds:
            return False
        depth = len(kinds) - kinds[::-1].index(kind) if kind else 0
        while len(self._stack) > depth:
            self._close(whole=False)
        if self._stack:
            self._stack[-1].between = self._stack[-1].listed = False
        return True

    def _end(self) -> bool:
        """Close what is open at the end of the file; whether that was nothing."""
        whole = not self._stack and not self._lost and self._archives > 0
        self._cut_to("")
        return whole
