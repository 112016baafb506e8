"""The bytes of a JSON report -> tokens; after a break, the next place where something whole begins (P7)."""

from __future__ import annotations

import re
from abc import abstractmethod

from blast_artifacts.reading.damage import broken, reject
from blast_artifacts.reading.detect import HEAD, detect, find_report, made_by
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.json_grammar import Container, JsonGrammar
from blast_artifacts.reading.json_plain import NUMBER
from blast_artifacts.reading.lines import BOM, LineCounter, solid

LONGEST_TOKEN = 64 << 20

# Control characters but line ends are let through: no JSON has them, some titles do.
_LETTERS = rb'"(?:[^"\\\x00\r\n]|\\.)*+'
_TOKEN = re.compile(rb"\s*(?:([{}\[\]:,])|(" + _LETTERS + rb'")|(' + NUMBER + rb"|true|false|null))")
_PARTIAL = re.compile(rb"\s*(?:" + _LETTERS + rb"\\?|-?[\d.eE+-]*|[a-z]{0,5})\Z")
_BOM_CUT = (BOM[:1], BOM[:2])
_HEAD = re.compile(rb'\{\s*"(BlastOutput2|report)"')
_HEAD_CUT = re.compile(rb'\{\s*(?:"[A-Za-z2]*"?)?\Z')
_RESUME = re.compile(
    rb'"report"\s*:\s*\{|\{\s*"query_id"\s*:|\{\s*"num"\s*:\s*\d+\s*,\s*"(description|bit_score)"\s*:'
)


class JsonScan(JsonGrammar):
    """Cuts blocks of bytes into tokens.

    Places are relative to the buffer, which begins at byte `_base` of the file.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.behind: bytes | None = None
        self._handed_back = False
        self._maker: frozenset[bytes] = frozenset()
        self._buffer = b""
        self._base = 0
        self._lines = LineCounter()
        self._started = False
        self._lost = False
        self._resumed = -1
        self._torn: dict[str, bytes] | None = None

    @abstractmethod
    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take HSPs written as BLAST writes them; the place behind them."""

    @abstractmethod
    def _look(self, buffer: bytes) -> None:
        """Prepare to take whole lists of hits in this buffer."""

    @abstractmethod
    def _plain_hits(self, start: int, buffer: bytes) -> int:
        """Take whole hits written as BLAST writes them; the place behind them."""

    @abstractmethod
    def _within(self, role: str) -> None:
        """Something within the open `hit` or `search` was lost."""

    @abstractmethod
    def _ownerless(self, start: int) -> None:
        """An HSP behind a break that no open hit can have."""

    @abstractmethod
    def _torn_hsp(self, fields: dict[str, bytes]) -> None:
        """An HSP of which only these fields are there."""

    @abstractmethod
    def _end(self) -> None:
        """The end of the file."""

    def feed(self, block: bytes, last: bool = False) -> None:
        """Read as far as the bytes so far allow."""
        self._buffer += block
        if not self._started and len(self._buffer) >= len(BOM):
            self._started = True
            if self._buffer.startswith(BOM):
                self._base, self._buffer = len(BOM), self._buffer[len(BOM) :]
        self._look(self._buffer)
        position = self._scan(last)
        self._lines.drop(self._buffer, position)
        self._base += position
        self._buffer = self._buffer[position:]
        if self._handed_back and self.behind is None:
            self.behind, self._buffer = self._buffer, b""
        self._report.bytes = self._base + len(self._buffer)
        if last:
            self._end()

    @property
    def lines(self) -> int:
        """Line ends that were read."""
        return self._line(0) - 1

    def _line(self, position: int) -> int:
        return self._lines.line(self._buffer, position)

    def _scan(self, last: bool) -> int:
        buffer, position = self._buffer, 0
        while position < len(buffer) and not self._handed_back:
            if self._lost:
                position, found = self._resume(position, last)
                if not found:
                    return position
                continue
            if not self._stack and (place := solid(buffer, position)) < len(buffer):
                other = self._is_other(place, last)
                if other is not False:
                    return self._hand_back(place) if other else position
                position = place
            token = _TOKEN.match(buffer, position)
            if not last and self._unfinished(token, position):
                return position
            if token is None:
                if not buffer[position:].strip():
                    return len(buffer)
                self._fault(position)
                continue
            taken = self._plain_from(token, position)
            if taken > position:
                position = taken
                continue
            mark, string, scalar = token.groups()
            if self._mark(mark, token.end() - 1) if mark else self._scalar(string, scalar):
                position = token.end()
            else:
                self._fault(position)
        return position

    def _plain_from(self, token: re.Match[bytes], position: int) -> int:
        """The place behind all hits or HSPs from there on that can be taken whole."""
        if token[1] != b"{":
            return position
        role = self._role(None)
        if role == "hit":
            taken = self._plain_hits(token.start(1), self._buffer)
            return taken if taken > token.start(1) else position
        return self._plain_hsps(position, self._buffer) if role == "hsp" else position

    def _is_other(self, place: int, last: bool) -> bool | None:
        """Whether a document begins there that this reader must not go on with; None if more must be seen.

        What a report says depends on program and version: others' are read for themselves.
        """
        known = last or len(self._buffer) - place >= HEAD
        if self._buffer[place : place + 1] not in (b"{", b"["):
            return not detect(self._buffer[place : place + HEAD]).reason if known else None
        maker = made_by(self._buffer, place)
        if len(maker) < 2 and not known:
            return None
        self._maker = self._maker or maker
        return bool(maker) and maker != self._maker

    def _mark(self, mark: bytes, start: int) -> bool:
        """As the grammar has it; but a report within another began where the other was cut."""
        begun = _HEAD.match(self._buffer, start) if self._stack else None
        if begun and (begun[1] != b"report" or self._role(None) not in ("outputs", "output")):
            return False
        return super()._mark(mark, start)

    def _hand_back(self, place: int) -> int:
        """Another document begins here, for another reader."""
        self._handed_back = True
        return place

    def _unfinished(self, token: re.Match[bytes] | None, position: int) -> bool:
        """Whether more bytes could make another token, or a whole HSP, of what stands here."""
        buffer = self._buffer
        if len(buffer) - position > LONGEST_TOKEN:
            return False
        if token is None:
            return _PARTIAL.match(buffer, position) is not None or buffer[position:] in _BOM_CUT
        if token[1] is None:
            return token.end() == len(buffer)
        if token[1] != b"{":
            return False
        if self._role(None) == "hsp":
            return buffer.find(b"}", token.end()) < 0
        return bool(self._stack) and _HEAD_CUT.match(buffer, token.start(1)) is not None

    def _fault(self, position: int) -> None:
        """The grammar does not allow what stands here."""
        if not self._stack:
            rest = self._buffer[position : position + 400].lstrip()
            if rest and not self._lost:
                broken(self._report, "trailing_data", self._base + position)
        else:
            broken(self._report, "malformed_json", self._base + position)
            self._break_open(position)
        self._lost = True

    def _break_open(self, position: int) -> None:
        roles = [item.role for item in self._stack]
        if roles and roles[-1] == "hsp":
            top = self._stack.pop()
            reject(self._report, "malformed_json", top.start, top.line)
            self._torn = top.raw
        elif "hit" in roles:
            self._within("hit")
        elif "search" in roles:
            self._within("search")

    def _resume(self, position: int, last: bool) -> tuple[int, bool]:
        """The next place where something whole may begin, and whether it is in the buffer."""
        found = _RESUME.search(self._buffer, position)
        while found and self._base + found.start() <= self._resumed:
            found = _RESUME.search(self._buffer, found.end())
        other = find_report(self._buffer[position : found.start() if found else len(self._buffer)])
        if other >= 0:
            self._tear(b"", False)
            return self._hand_back(position + other), False
        if found is None:
            kept = self._torn is not None and len(self._buffer) - position < LONGEST_TOKEN
            if last or not kept:
                self._tear(b"", False)
                return (len(self._buffer) if last else self._last_line(position)), False
            return position, False
        text = found[0]
        start = found.start()
        self._tear(self._buffer[position:start], found[1] == b"bit_score")
        if text.startswith(b'"report"'):
            self._unwind("output", start)
        elif b'"query_id"' in text:
            self._unwind_to_search(start)
        elif found[1] == b"description":
            if not self._unwind("hits", start):
                return self._resume(found.end(), last)
        elif not self._unwind("hsps", start):
            self._ownerless(start)
            return self._resume(found.end(), last)
        self._lost = False
        self._resumed = self._base + start
        return start, True

    def _last_line(self, position: int) -> int:
        """From where bytes must wait because a report may begin in them."""
        size = len(self._buffer)
        newline = self._buffer.rfind(b"\n", max(position, size - HEAD))
        return max(position, min(newline if newline >= 0 else size, size - 64))

    def _tear(self, rest: bytes, one_object: bool) -> None:
        """Judge a broken HSP by what it had before the break and what of it stands behind.

        `one_object`: another HSP follows, so that only the end of the broken one may stand before it.
        """
        if self._torn is None:
            return
        end, closed, more = rest.partition(b"}")
        if rest and (not closed or re.search(rb"[{\[\]]", end) or (one_object and b"}" in more)):
            self._torn = {}
        else:
            behind = {key.decode(): b"" for key in re.findall(rb'"([a-z_]+)"\s*:', end)}
            # A field that stands on both sides: two HSPs have run together.
            self._torn = {} if behind.keys() & self._torn.keys() else self._torn | behind
        self._torn_hsp(self._torn)
        self._torn = None

    def _unwind(self, role: str, start: int) -> bool:
        """Go back to the innermost open container of a role, making those that must be there."""
        roles = [item.role for item in self._stack]
        if role in roles:
            depth = len(roles) - roles[::-1].index(role)
            self._cut(depth)
            self._stack[-1].state = "first"
            self._stack[-1].keys.clear()
            return True
        if role != "output":
            return False
        self._cut(0)
        self._stack = [
            self._container("root", False, start),
            self._container("outputs", True, start),
            self._container("output", False, start),
        ]
        return True

    def _unwind_to_search(self, start: int) -> None:
        for role in ("searches", "round", "results"):
            if role in [item.role for item in self._stack]:
                self._unwind(role, start)
                break
        else:
            self._unwind("output", start)
            self._stack += [self._container("report", False, start), self._container("results", False, start)]
        top = self._stack[-1]
        if not top.array:
            top.state, top.key = "value", "search"

    def _container(self, role: str, array: bool, start: int) -> Container:
        return Container(role, array, self._base + start, self._line(start))

    def _cut(self, depth: int) -> None:
        while len(self._stack) > depth:
            self._leave(self._stack.pop(), whole=False)
