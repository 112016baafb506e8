"""Reader of BLAST's JSON reports: outfmt 15 and the side files of 13.

Walks the containers token by token and takes HSPs, nearly all of the bytes, by one match each. After a break
it goes on at the next report, query, hit or HSP that stands whole (P7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from blast_artifacts.reading.assembly import Assembly, Defline, Verdict
from blast_artifacts.reading.cells import clean_text
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.detect import BOM
from blast_artifacts.reading.hits import Batch, Report
from blast_artifacts.reading.lines import LineCounter
from blast_artifacts.reading.parameters import note_database, note_parameters
from blast_artifacts.reading.xml_dialects import FIELDS_2, OPTIONAL
from blast_artifacts.terms import EndProof

LONGEST_TOKEN = 64 << 20

_STRING = rb'"(?:[^"\\\x00-\x1f]|\\.)*+"'
_NUMBER = rb"-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?(?![\d.eE+-])"
_TOKEN = re.compile(rb"\s*(?:([{}\[\]:,])|(" + _STRING + rb")|(" + _NUMBER + rb"|true|false|null))")
_PARTIAL = re.compile(rb'\s*(?:"(?:[^"\\\x00-\x1f]|\\.)*+\\?|-?[\d.eE+-]*|[a-z]{0,5})\Z')
_RESUME = re.compile(
    rb'"report"\s*:\s*\{|\{\s*"query_id"\s*:|\{\s*"num"\s*:\s*\d+\s*,\s*"(description|bit_score)"\s*:'
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_FORMS = {
    "bit_score": b"(" + _NUMBER + b")", "score": b"(" + _NUMBER + b")", "evalue": b"(" + _NUMBER + b")",
    "query_strand": rb'"(Plus|Minus)"', "hit_strand": rb'"(Plus|Minus)"',
    "qseq": rb'"([!#-\[\]-~]*)"', "hseq": rb'"([!#-\[\]-~]*)"', "midline": rb'"([ !#-\[\]-~]*)"',
}  # fmt: skip


def _plain_hsp() -> re.Pattern[bytes]:
    parts = [rb'\s*,?\s*\{\s*"num": ?(\d{1,18})']
    for name in FIELDS_2:
        part = rb',\s*"%b": ?%b' % (name.encode(), _FORMS.get(name, rb"(-?\d{1,18})"))
        parts.append(rb"(?:%b)?" % part if name in OPTIONAL else part)
    return re.compile(b"".join(parts) + rb"\s*\}")


_PLAIN_HSP = _plain_hsp()

_ROLES = {
    ("root", "BlastOutput2"): "outputs",
    ("outputs", None): "output",
    ("outputs", "report"): "report",
    ("output", "report"): "report",
    ("report", "search_target"): "target",
    ("report", "params"): "params",
    ("report", "results"): "results",
    ("results", "search"): "search",
    ("results", "bl2seq"): "searches",
    ("searches", None): "search",
    ("results", "iterations"): "rounds",
    ("rounds", None): "round",
    ("round", "search"): "search",
    ("search", "hits"): "hits",
    ("search", "stat"): "stat",
    ("hits", None): "hit",
    ("hit", "description"): "description",
    ("description", None): "defline",
    ("hit", "hsps"): "hsps",
    ("hsps", None): "hsp",
}
"""What a container is, by the one around it and the key it stands under; all others are passed over."""

Scalar = str | int | float | bool | None


def read_json(blocks: Iterable[bytes], report: Report) -> Iterator[Batch]:
    """Batches of a JSON report, or of several that were joined."""
    reader = _Json(report)
    for block in blocks:
        reader.feed(block)
        yield from reader.assembly.batches()
    reader.feed(b"", last=True)
    yield from reader.assembly.batches(last=True)
    reader.assembly.finish()


@dataclass(slots=True)
class _Container:
    """An open object or array, the scalars of it, and the grammar's place in it."""

    role: str
    array: bool
    start: int
    line: int
    values: dict[str, Scalar] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    key: str | None = None
    state: str = "first"


class _Json:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._buffer = b""
        self._base = 0
        self._lines = LineCounter()
        self._started = False
        self._stack: list[_Container] = []
        self._documents = 0
        self._deflines: list[Defline] = []
        self._begun = False
        self._hits_whole = False
        self._lost = False
        self._resumed = -1
        self._torn: dict[str, bytes] | None = None
        self.assembly = Assembly(report, FIELDS_2)

    # -- bytes ---------------------------------------------------------------------------------------------

    def feed(self, block: bytes, last: bool = False) -> None:
        """Read as far as the bytes so far allow."""
        self._buffer += block
        if not self._started and len(self._buffer) >= len(BOM):
            self._started = True
            if self._buffer.startswith(BOM):
                self._base, self._buffer = len(BOM), self._buffer[len(BOM) :]
        position = self._scan(last)
        self._lines.drop(self._buffer, position)
        self._base += position
        self._buffer = self._buffer[position:]
        self._report.bytes = self._base + len(self._buffer)
        if last:
            self._end()

    def _line(self, position: int) -> int:
        return self._lines.line(self._buffer, position)

    def _scan(self, last: bool) -> int:
        buffer, position = self._buffer, 0
        while position < len(buffer):
            if self._lost:
                position, found = self._resume(position, last)
                if not found:
                    return position
            token = _TOKEN.match(buffer, position)
            if not last and self._unfinished(token, position):
                return position
            if token is None:
                if not buffer[position:].strip():
                    return len(buffer)
                self._fault(position)
                continue
            if token[1] == b"{" and self._role(None) == "hsp":
                taken = self._plain_hsps(position, buffer)
                if taken > position:
                    position = taken
                    continue
            mark, string, scalar = token.groups()
            if self._mark(mark, token.end() - 1) if mark else self._scalar(string, scalar):
                position = token.end()
            else:
                self._fault(position)
        return position

    def _unfinished(self, token: re.Match[bytes] | None, position: int) -> bool:
        """Whether more bytes could make another token, or a whole HSP, of what stands here."""
        buffer = self._buffer
        if len(buffer) - position > LONGEST_TOKEN:
            return False
        if token is None:
            return _PARTIAL.match(buffer, position) is not None
        if token[1] is None:
            return token.end() == len(buffer)
        return token[1] == b"{" and self._role(None) == "hsp" and buffer.find(b"}", token.end()) < 0

    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take neighbouring HSPs that are written exactly as BLAST writes them, each by one match."""
        top, add = self._stack[-1], self.assembly.add
        if top.state == "after":
            return start
        while found := _PLAIN_HSP.match(buffer, start):
            if top.state == "first" and found[0].lstrip().startswith(b","):
                break
            number, *cells = found.groups(b"")
            verdict = add(int(number), cells)
            if verdict is not Verdict.KEPT:
                place = buffer.index(b"{", start)
                self._judged(verdict, self._base + place, self._line(place))
            start = found.end()
            top.state = "after"
        return start

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
            self.assembly.break_hit()
        elif "search" in roles:
            self.assembly.break_query()

    def _resume(self, position: int, last: bool) -> tuple[int, bool]:
        """The next place where something whole may begin, and whether it is in the buffer."""
        found = _RESUME.search(self._buffer, position)
        while found and self._base + found.start() <= self._resumed:
            found = _RESUME.search(self._buffer, found.end())
        if found is None:
            kept = self._torn is not None and len(self._buffer) - position < LONGEST_TOKEN
            if last or not kept:
                self._tear(b"")
                return (len(self._buffer) if last else max(position, len(self._buffer) - 64)), False
            return position, False
        text = found[0]
        start = found.start()
        self._tear(self._buffer[position:start] if found[1] == b"bit_score" else b"")
        if text.startswith(b'"report"'):
            self._unwind("output", start)
        elif b'"query_id"' in text:
            self._unwind_to_search(start)
        elif found[1] == b"description":
            if not self._unwind("hits", start):
                return self._resume(found.end(), last)
        elif not self._unwind("hsps", start):
            self._judged(Verdict.REJECTED, self._base + start, self._line(start))
            return self._resume(found.end(), last)
        self._lost = False
        self._resumed = self._base + start
        return start, True

    def _tear(self, rest: bytes) -> None:
        """Judge a broken HSP by what it had before the break and what of it stands behind."""
        if self._torn is None:
            return
        # Within one HSP a single object ends before the next begins.
        if rest.count(b"}") == 1 and not re.search(rb"[{\[\]]", rest):
            self._torn |= {key.decode(): b"" for key in re.findall(rb'"([a-z_]+)"\s*:', rest)}
        self.assembly.break_hsp(self._torn)
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

    def _container(self, role: str, array: bool, start: int) -> _Container:
        return _Container(role, array, self._base + start, self._line(start))

    def _cut(self, depth: int) -> None:
        while len(self._stack) > depth:
            self._leave(self._stack.pop(), whole=False)

    def _judged(self, verdict: Verdict, offset: int, line: int) -> None:
        """Write down an HSP that was not simply kept."""
        if verdict is Verdict.REJECTED:
            reject(self._report, "rejected_hsp", offset, line)
        elif verdict is Verdict.AFTER_LOSS:
            broken(self._report, "hsps_missing", offset)

    # -- grammar -------------------------------------------------------------------------------------------

    def _role(self, key: str | None) -> str:
        """What a container opened here would be."""
        if not self._stack:
            return "root"
        top = self._stack[-1]
        return _ROLES.get((top.role, None if top.array else key if key is not None else top.key), "other")

    def _mark(self, mark: bytes, start: int) -> bool:
        """A bracket, comma or colon; False if the grammar forbids it here."""
        top = self._stack[-1] if self._stack else None
        if mark in b"{[":
            if top is None and mark != b"{":
                return False
            if top is not None and not self._takes_value(top):
                return False
            role = self._role(None)
            self._stack.append(self._container(role, mark == b"[", start))
            self._enter(role)
            return True
        if top is None:
            return False
        if mark in b"}]":
            if top.array != (mark == b"]") or top.state not in ("first", "after"):
                return False
            self._stack.pop()
            self._leave(top, whole=True)
            if self._stack:
                self._stack[-1].state = "after"
            return True
        if mark == b",":
            if top.state != "after":
                return False
            top.state = "next"
            return True
        if top.state != "colon":
            return False
        top.state = "value"
        return True

    def _takes_value(self, top: _Container) -> bool:
        return top.state in ("first", "next") if top.array else top.state == "value"

    def _scalar(self, string: bytes | None, other: bytes | None) -> bool:
        top = self._stack[-1] if self._stack else None
        if top is None:
            return False
        if string is not None and not top.array and top.state in ("first", "next"):
            top.key, top.state = self._text(string), "colon"
            # A key that comes twice: two objects have run together.
            new = top.key not in top.keys
            top.keys.add(top.key)
            return new
        if not self._takes_value(top):
            return False
        if not top.array and top.key is not None:
            self._value(top, top.key, string, other)
        top.state = "after"
        return True

    def _value(self, top: _Container, key: str, string: bytes | None, other: bytes | None) -> None:
        if top.role == "other":
            return
        if top.role == "hsp":
            raw = other if string is None else self._text(string).replace("\t", " ").encode()
            top.raw[key] = b"" if raw in (None, b"null") else raw or b""
        else:
            top.values[key] = self._text(string) if string is not None else _literal(other or b"null")

    def _text(self, token: bytes) -> str:
        text, latin1 = clean_text(token)
        if latin1:
            warn(self._report, "encoding_latin1")
        if "\\" in text:
            try:
                value = str(json.loads(text))
                # A lone half of a surrogate pair cannot be stored as UTF-8.
                text = value.encode("utf-8", "replace").decode()
            except ValueError:
                text = text[1:-1]
        else:
            text = text[1:-1]
        if _CONTROL.search(text):
            warn(self._report, "control_characters")
            text = _CONTROL.sub("", text)
        return text

    # -- meaning -------------------------------------------------------------------------------------------

    def _enter(self, role: str) -> None:
        if role == "report":
            self.assembly.begin_document()
        elif role == "search":
            self._begun = self._hits_whole = False
        elif role == "hits":
            self._begin_query()
        elif role == "hit":
            self._deflines = []
        elif role == "hsps":
            self._begin_hit()

    def _leave(self, item: _Container, whole: bool) -> None:
        role = item.role
        if role == "hsp":
            if whole:
                verdict = self.assembly.add_loose(item.raw)
            else:
                verdict = Verdict.REJECTED
                self.assembly.break_hsp(item.raw)
            self._judged(verdict, item.start, item.line)
        elif role == "defline":
            self._deflines.append(_defline(item.values))
        elif role == "hit":
            self.assembly.end_hit()
        elif role == "hits":
            self._hits_whole = whole
        elif role == "search":
            self._end_query(item, whole)
        elif role == "params" and whole:
            note_parameters(self._report.search, item.values)
        elif role == "stat" and whole:
            note_database(self._report.search, item.values)
        elif role in ("target", "report"):
            self._note_search(item)
        elif role == "root" and whole:
            self._documents += 1

    def _note_search(self, *more: _Container) -> None:
        search = self._report.search
        for item in (*self._stack, *more):
            if item.role == "report":
                search.program = search.program or _string(item.values.get("program"))
                search.version = search.version or _string(item.values.get("version"))
            elif item.role == "target":
                search.database = search.database or _string(item.values.get("db"))

    def _begin_query(self, search: _Container | None = None) -> None:
        self._note_search()
        search = search or next(item for item in reversed(self._stack) if item.role == "search")
        outer = next((item for item in reversed(self._stack) if item.role == "round"), None)
        number = outer.values.get("iter_num") if outer else None
        values = search.values
        self._begun = True
        follows = self.assembly.begin_query(
            _string(values.get("query_id")),
            _string(values.get("query_title")),
            _integer(values.get("query_len")),
            _integer(number),
        )
        if not follows:
            broken(self._report, "queries_missing", search.start)

    def _end_query(self, item: _Container, whole: bool) -> None:
        if not self._begun:
            if not item.values.keys() & {"query_id", "query_title"}:
                return
            self._begin_query(item)
            self._hits_whole = whole
        complete = self._hits_whole and (whole or self.assembly.has_hsps)
        if not self.assembly.end_query(complete, _string(item.values.get("message")) or None):
            broken(self._report, "hits_missing", item.start)
        self._begun = False

    def _begin_hit(self) -> None:
        hit = self._stack[-2]
        number, length = _integer(hit.values.get("num")), _integer(hit.values.get("len"))
        if length is None:
            broken(self._report, "missing_element", hit.start)
        if not self.assembly.begin_hit(number, length, self._deflines, merged=True):
            broken(self._report, "hits_missing", hit.start)
            self.assembly.break_query()

    def _end(self) -> None:
        report = self._report
        if self._stack or not self._documents or self._lost:
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", report.bytes)
            self._break_open(0)
            self._tear(b"")
            self._cut(0)
        else:
            report.end_proof = EndProof.PROVED


def _defline(values: dict[str, Scalar]) -> Defline:
    return Defline(
        _string(values.get("id")) or "",
        _string(values.get("title")),
        _integer(values.get("taxid")),
        _string(values.get("sciname")),
        _string(values.get("accession")),
    )


def _literal(token: bytes) -> Scalar:
    """A number or a word of JSON; null for a number that no JSON has (012, thousands of digits)."""
    try:
        value: Scalar = json.loads(token)
    except ValueError:
        return None
    return value


def _string(value: Scalar) -> str | None:
    return None if value is None else str(value)


def _integer(value: Scalar) -> int | None:
    return value if isinstance(value, int) and abs(value) < 1 << 63 else None
