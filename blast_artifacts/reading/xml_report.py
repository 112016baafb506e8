"""Reader of BLAST's XML reports: outfmt 5 (and `-m 7`, DIAMOND), 16 and the side files of 14.

Works on the bytes of the elements themselves, because the files that need reading are the damaged ones: a
parser that gives up at the first fault would lose what stands behind it (P7, P10).
"""

from __future__ import annotations

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
from blast_artifacts.reading.xml_dialects import Dialect, dialect_of
from blast_artifacts.terms import EndProof

LONGEST_TOKEN = 64 << 20
"""A text that goes on longer than this is damage, not data."""

_TOKEN = re.compile(rb"<(?:/([\w:.-]+)\s*>|([\w:.-]+)(?:\s[^<>]*)?>(?:([^<]*)</\2>)?|([!?])|)")
_ENTITY = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(lt|gt|amp|quot|apos));")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)")
_RESUME = re.compile(rb"<(?:Iteration|Search|Hit|Hsp)>")


def read_xml(blocks: Iterable[bytes], report: Report) -> Iterator[Batch]:
    """Batches of an XML report, or of several that were joined."""
    reader = _Xml(report)
    for block in blocks:
        reader.feed(block)
        yield from reader.assembly.batches()
    reader.feed(b"", last=True)
    reader.assembly.finish()
    yield from reader.assembly.batches(last=True)
    reader.assembly.finish()


@dataclass(slots=True)
class _Element:
    """An open element and the texts of its leaves."""

    name: bytes
    start: int
    line: int
    leaves: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False


class _Xml:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._buffer = b""
        self._base = 0
        self._started = False
        self._lines = LineCounter()
        self._stack: list[_Element] = []
        self._dialect: Dialect = dialect_of(report.format)
        self._encoding: str | None = None
        self._documents = 0
        self._deflines: list[Defline] = []
        self._round: int | None = None
        self._hits_whole = False
        self._begun = False
        self.assembly = Assembly(report, self._dialect.fields)

    # -- bytes ---------------------------------------------------------------------------------------------

    def feed(self, block: bytes, last: bool = False) -> None:
        """Read as far as the bytes so far allow."""
        buffer = self._buffer + block
        if not self._started and (len(buffer) >= len(BOM) or last):
            self._started = True
            if buffer.startswith(BOM):
                self._base, buffer = len(BOM), buffer[len(BOM) :]
        if self._encoding is None and b">" in buffer[:400]:
            declared = _DECLARED.match(buffer.lstrip()[:400])
            self._encoding = declared[1].decode().lower() if declared else ""
        self._buffer = buffer
        position = self._scan(last)
        self._lines.drop(buffer, position)
        self._base += position
        self._buffer = buffer[position:]
        self._report.bytes = self._base + len(self._buffer)
        if last:
            self._end()

    def _line(self, position: int) -> int:
        return self._lines.line(self._buffer, position)

    def _scan(self, last: bool) -> int:
        """Handle tokens; the place in the buffer from which more bytes are needed."""
        buffer, position = self._buffer, 0
        while True:
            found = _TOKEN.search(buffer, position)
            if found is None:
                if last or len(buffer) - position > LONGEST_TOKEN:
                    self._stray(position, len(buffer))
                    return len(buffer)
                return position
            start = found.start()
            if not last and self._unfinished(found, buffer):
                if len(buffer) - start < LONGEST_TOKEN:
                    # Text before the token waits with it, so that no block border shows.
                    return position
                position = self._skip(start, "oversized_text")
                continue
            self._stray(position, start)
            position = self._token(found, buffer)
            if position < 0:
                return start

    def _unfinished(self, found: re.Match[bytes], buffer: bytes) -> bool:
        """Whether more bytes could make another token of this one."""
        start, end = found.span()
        if found[4] is not None:
            closing = b"-->" if buffer.startswith(b"<!--", start) else b">"
            return buffer.find(closing, start) < 0
        if found[1] is not None or found[3] is not None:
            return False
        if found[2] is None:
            following = buffer.find(b"<", start + 1)
            return following < 0 and buffer.find(b">", start) < 0
        if found[2] == self._dialect.hsp:
            return buffer.find(self._dialect.hsp_end, start) < 0
        following = buffer.find(b"<", end)
        return following < 0 or buffer.find(b">", following) < 0

    def _token(self, found: re.Match[bytes], buffer: bytes) -> int:
        """Handle one token; the place behind it."""
        start, end = found.span()
        if found[1] is not None:
            self._close(found[1].rpartition(b":")[2], start)
            return end
        if found[2] is not None:
            name = found[2].rpartition(b":")[2]
            if name == self._dialect.hsp and found[3] is None:
                behind = self._plain_hsps(start, buffer)
                if behind > start:
                    return behind
            self._element(name, found[3], start)
            return end
        if found[4] is not None:
            closing = b"-->" if buffer.startswith(b"<!--", start) else b">"
            behind = buffer.find(closing, start)
            return behind + len(closing) if behind >= 0 else len(buffer)
        self._break(start, "malformed_tag")
        return end

    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take neighbouring HSPs that are written exactly as BLAST writes them, each by one match."""
        stack, dialect = self._stack, self._dialect
        if not stack or stack[-1].name != dialect.hsps:
            return start
        match, add = dialect.plain_hsp.match, self.assembly.add
        while found := match(buffer, start):
            number, *cells = found.groups(b"")
            verdict = add(int(number), cells)
            if verdict is not Verdict.KEPT:
                self._judged(verdict, buffer.index(b"<", start))
            start = found.end()
        return start

    def _stray(self, start: int, end: int) -> None:
        """Judge what stands between two tokens."""
        if start >= end:
            return
        text = self._buffer[start:end].strip()
        if not text:
            return
        if _CONTROL.search(text.decode("latin-1")):
            self._break(start, "binary_data")
        elif not self._stack and (b"\t" in text or len(text) > 200):
            broken(self._report, "trailing_data", self._base + start)
        else:
            warn(self._report, "stray_text")

    def _skip(self, start: int, reason: str) -> int:
        self._break(start, reason)
        found = _RESUME.search(self._buffer, start + 1)
        return found.start() if found else max(start + 1, len(self._buffer) - 16)

    # -- elements ------------------------------------------------------------------------------------------

    def _element(self, name: bytes, text: bytes | None, start: int) -> None:
        if name in self._dialect.parents:
            self._open(name, start)
            if text is not None:
                if text.strip():
                    warn(self._report, "stray_text")
                self._close(name, start)
        elif text is not None:
            self._leaf(name, text, start)
        elif name in self._dialect.leaves:
            self._break(start, "malformed_element")

    def _leaf(self, name: bytes, text: bytes, start: int) -> None:
        if not self._stack:
            return
        top = self._stack[-1]
        owner, field_name = self._dialect.leaf(name, top.name)
        if owner not in (top.name, None):
            return
        if field_name in top.leaves and top.name in self._dialect.unique:
            self._break(start, "repeated_element")
        top.leaves[field_name] = text

    def _open(self, name: bytes, start: int) -> None:
        parents = self._dialect.parents[name]
        depth = next((n for n in range(len(self._stack), 0, -1) if self._stack[n - 1].name in parents), 0)
        if depth < len(self._stack):
            self._break(start, "unclosed_element")
            self._unwind(depth)
        elif not depth and None not in parents:
            self._break(start, "missing_parent")
        self._stack.append(_Element(name, self._base + start, self._line(start)))
        self._began(name)

    def _close(self, name: bytes, start: int) -> None:
        if self._stack and self._stack[-1].name == name:
            element = self._stack.pop()
            self._ended(element)
            return
        depth = next((n for n in range(len(self._stack), 0, -1) if self._stack[n - 1].name == name), 0)
        if depth:
            self._break(start, "unclosed_element")
            self._unwind(depth)
            self._ended(self._stack.pop())
        elif name in self._dialect.parents or name in self._dialect.leaves:
            self._break(start, "unopened_element")

    def _unwind(self, depth: int) -> None:
        while len(self._stack) > depth:
            element = self._stack.pop()
            element.broken = True
            self._ended(element)

    def _break(self, start: int, reason: str) -> None:
        broken(self._report, reason, self._base + start)
        if self._stack:
            self._stack[-1].broken = True
        names = {element.name for element in self._stack}
        if self._dialect.hsp in names:
            # Judged when the HSP ends, by what it still has.
            self.assembly.break_query()
        elif self._dialect.hit in names:
            self.assembly.break_hit()
        elif self._dialect.query in names:
            self.assembly.break_query()

    def _judged(self, verdict: Verdict, start: int) -> None:
        """Write down an HSP that was not simply kept; `start` is its place in the buffer."""
        if verdict is Verdict.REJECTED:
            reject(self._report, "rejected_hsp", self._base + start, self._line(start))
        elif verdict is Verdict.AFTER_LOSS:
            broken(self._report, "hsps_missing", self._base + start)

    # -- meaning -------------------------------------------------------------------------------------------

    def _began(self, name: bytes) -> None:
        dialect = self._dialect
        if name == dialect.root:
            self.assembly.begin_document()
        elif name == dialect.query:
            self._hits_whole = self._begun = False
        elif name == dialect.hits:
            self._begin_query()
        elif name == dialect.hit:
            self._deflines = []
        elif name == dialect.hsps:
            self._begin_hit()

    def _ended(self, element: _Element) -> None:
        dialect, name = self._dialect, element.name
        if name == dialect.hsp:
            self._end_hsp(element)
        elif name == dialect.hit:
            self.assembly.end_hit()
        elif name == dialect.hits:
            self._hits_whole = not element.broken
        elif name == dialect.query:
            self._end_query(element)
        elif name == b"HitDescr":
            self._deflines.append(self._defline(element.leaves))
        elif name in (b"Parameters", b"Statistics"):
            self._note(name, element.leaves)
        elif name in (b"Report", b"Target", b"BlastOutput", b"BlastOutput_param", b"BlastOutput_iterations"):
            self._note_search(element)
        if name == dialect.root:
            self._documents += 1

    def _text(self, raw: bytes | None) -> str | None:
        """A leaf's text: decoded, entities put back, without control characters."""
        if raw is None:
            return None
        if self._encoding and self._encoding not in ("utf-8", "utf8", "us-ascii", "ascii"):
            try:
                text = raw.decode(self._encoding)
            except (LookupError, UnicodeDecodeError):
                text = raw.decode("latin-1")
        else:
            text, latin1 = clean_text(raw)
            if latin1:
                warn(self._report, "encoding_latin1")
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        if _CONTROL.search(text):
            warn(self._report, "control_characters")
            text = _CONTROL.sub("", text)
        return text.strip().replace("\t", " ").replace("\n", " ")

    def _number(self, raw: bytes | None) -> int | None:
        text = (raw or b"").strip()
        return int(text) if re.fullmatch(rb"-?\d{1,18}", text) else None

    def _leaves_of(self, name: bytes) -> dict[str, bytes]:
        return next((element.leaves for element in reversed(self._stack) if element.name == name), {})

    def _note_search(self, *more: _Element) -> None:
        search = self._report.search
        for element in (*self._stack, *more):
            leaves = element.leaves
            if search.program is None and "program" in leaves:
                search.program = self._text(leaves["program"])
            if search.version is None and "version" in leaves:
                search.version = self._text(leaves["version"])
            if search.database is None and leaves.get("db"):
                search.database = self._text(leaves["db"]) or None

    def _note(self, name: bytes, leaves: dict[str, bytes]) -> None:
        texts = {key: self._text(value) or "" for key, value in leaves.items()}
        if name == b"Parameters":
            note_parameters(self._report.search, texts)
        else:
            note_database(self._report.search, texts)

    def _begin_query(self) -> None:
        self._note_search()
        leaves = self._leaves_of(self._dialect.query)
        document = self._leaves_of(self._dialect.root)
        printed = self._text(leaves.get("query_id", document.get("query_id")))
        title = self._text(leaves.get("query_def", document.get("query_def")))
        length = self._number(leaves.get("query_len", document.get("query_len")))
        self._begun = True
        if not self.assembly.begin_query(printed, title, length, self._next_round(printed, title)):
            broken(self._report, "queries_missing", self._stack[-1].start)

    def _next_round(self, printed: str | None, title: str | None) -> int | None:
        program = (self._report.search.program or "").lower()
        if any(element.name == b"iterations" for element in self._stack):
            return self._number(self._leaves_of(b"Iteration").get("iter_num"))
        if program not in ("psiblast", "blastpgp", "deltablast"):
            return None
        self._round = (self._round or 0) + 1 if self.assembly.same_round(printed, title) else 1
        return self._round

    def _end_query(self, element: _Element) -> None:
        if not self._begun:
            if not element.leaves.keys() & {"query_id", "query_def"}:
                return
            self._stack.append(element)
            self._begin_query()
            self._stack.pop()
            self._hits_whole = not element.broken
        message = self._text(element.leaves.get("message")) or None
        found_all = self._hits_whole and (not element.broken or self.assembly.has_hsps)
        if not self.assembly.end_query(found_all, message):
            broken(self._report, "hits_missing", element.start)
        self._begun = False

    def _begin_hit(self) -> None:
        leaves = self._leaves_of(self._dialect.hit)
        element = next((item for item in reversed(self._stack) if item.name == self._dialect.hit), None)
        merged = bool(self._deflines)
        deflines = self._deflines or ([self._defline(leaves)] if "id" in leaves or "def" in leaves else [])
        if element is None or element.broken:
            deflines = []
        number, length = self._number(leaves.get("num")), self._number(leaves.get("len"))
        if length is None and deflines:
            broken(self._report, "missing_element", self._stack[-1].start)
        if not self.assembly.begin_hit(number, length, deflines, merged):
            broken(self._report, "hits_missing", self._stack[-1].start)
            self.assembly.break_query()

    def _defline(self, leaves: dict[str, bytes]) -> Defline:
        return Defline(
            self._text(leaves.get("id")) or "",
            self._text(leaves.get("def", leaves.get("title"))),
            self._number(leaves.get("taxid")),
            self._text(leaves.get("sciname")),
            self._text(leaves.get("accession")),
        )

    def _end_hsp(self, element: _Element) -> None:
        verdict = Verdict.REJECTED
        if element.broken:
            self.assembly.break_hsp(element.leaves)
        else:
            values = {name: self._sequence(name, raw) for name, raw in element.leaves.items()}
            verdict = self.assembly.add_loose(values)
        if verdict is Verdict.REJECTED:
            reject(self._report, "rejected_hsp", element.start, element.line)
        elif verdict is Verdict.AFTER_LOSS:
            broken(self._report, "hsps_missing", element.start)

    def _sequence(self, name: str, raw: bytes) -> bytes:
        """A leaf of an HSP; 0x7F stands for `*` in some reports (P50)."""
        if name in ("qseq", "hseq", "midline"):
            raw = raw.replace(b"\x7f", b"*").replace(b"\r", b"").replace(b"\n", b"").replace(b"\t", b" ")
            text = _ENTITY.sub(_character, clean_text(raw)[0]) if b"&" in raw else clean_text(raw)[0]
            return (text if name == "midline" else text.strip()).encode()
        return raw

    def _end(self) -> None:
        """The end of the file."""
        report = self._report
        if self._stack:
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", report.bytes)
            self._unwind(0)
        elif self._documents:
            report.end_proof = EndProof.PROVED
        else:
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", report.bytes)


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return _ENTITIES[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
