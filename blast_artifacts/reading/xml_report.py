"""Reader of BLAST's XML reports: outfmt 5 (and `-m 7`, DIAMOND), 16 and the side files of 14."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blast_artifacts.reading.assembly import Assembly
from blast_artifacts.reading.damage import broken
from blast_artifacts.reading.deflines import Defline
from blast_artifacts.reading.hits import Batch, Report
from blast_artifacts.reading.hsp_checks import Verdict
from blast_artifacts.reading.parameters import note_database, note_parameters
from blast_artifacts.reading.plain_hits import PlainHits
from blast_artifacts.reading.plain_lists import PlainLists
from blast_artifacts.reading.stream import Stream
from blast_artifacts.reading.xml_text import hsp_leaf, leaf_number, leaf_text
from blast_artifacts.reading.xml_tree import Element, XmlTree
from blast_artifacts.terms import EndProof


def read_xml(stream: Stream, report: Report, ordinal: int = 0) -> Iterator[Batch]:
    """Batches of an XML report, or of several that were joined; the first query gets this ordinal."""
    reader = _Xml(report, ordinal)
    for block in stream:
        reader.feed(block)
        yield from reader.assembly.batches()
        if reader.behind is not None:
            break
    reader.feed(b"", last=True)
    if reader.behind:
        stream.put_back(reader.behind, reader.lines)
    reader.assembly.finish()
    yield from reader.assembly.batches(last=True)
    reader.assembly.finish()


class _Xml(XmlTree):
    """What the elements say of queries, subjects and HSPs."""

    def __init__(self, report: Report, ordinal: int) -> None:
        super().__init__(report)
        self._documents = 0
        self._deflines: list[Defline] = []
        self._round: int | None = None
        self._hits_whole = False
        self._begun = False
        self._hit_torn = self._told = False
        self.assembly = Assembly(report, self._dialect.fields, ordinal)
        self._plain = PlainHits(self._dialect.plain, self._dialect.fields, self._text)
        self._lists = PlainLists(self._dialect.plain, self._dialect.fields, self._text, self._dialect.merged)

    def _began(self, name: bytes) -> None:
        dialect = self._dialect
        if name == dialect.root or name == b"BlastXML2":
            self._told = False
            self.assembly.begin_report(first=len(self._stack) == 1)
        elif name == dialect.query:
            self._hits_whole = self._begun = False
        elif name == dialect.hits:
            self._begin_query()
        elif name == dialect.hit:
            self._deflines, self._hit_torn = [], False
        elif name == dialect.hsps:
            self._begin_hit()

    def _ended(self, element: Element) -> None:
        dialect, name = self._dialect, element.name
        if name == dialect.hsp:
            self._end_hsp(element)
        elif name == dialect.hit:
            if not self.assembly.end_hit():
                broken(self._report, "hsps_missing", element.start)
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
            if not self._told:
                broken(self._report, "no_report", element.start)

    def _lost(self, names: set[bytes]) -> None:
        self._hit_torn |= self._dialect.hit in names and self._dialect.hsps not in names
        if self._dialect.hsp in names:
            # Judged when the HSP ends, by what it still has.
            self.assembly.break_query()
        elif self._dialect.hit in names:
            self.assembly.break_hit()
        elif self._dialect.query in names:
            self.assembly.break_query()

    def _text(self, raw: bytes | None) -> str | None:
        return leaf_text(raw, self._encoding, self._report)

    def _leaves_of(self, name: bytes) -> dict[str, bytes]:
        return next((element.leaves for element in reversed(self._stack) if element.name == name), {})

    def _note_search(self, *more: Element) -> None:
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
        element = next((item for item in reversed(self._stack) if item.name == self._dialect.query), None)
        # A second list of hits: the head of its query was lost, and the one before it is not its own.
        whole = element is not None and not element.broken and not self._begun
        if self._begun:
            self._leave_query(False, None, self._stack[-1].start)
        leaves = element.leaves if element and whole else {}
        document = self._leaves_of(self._dialect.root) if whole else {}
        printed, title = (
            self._text(leaves.get(name, document.get(name))) for name in ("query_id", "query_def")
        )
        length = leaf_number(leaves.get("query_len", document.get("query_len")))
        number = leaf_number(leaves.get("iter_num"))
        self._begun = self._told = True
        if whole and self.assembly.by_blast_plus and (printed is None or length is None):
            broken(self._report, "missing_element", self._stack[-1].start)
        turn = self._next_round((printed, title))
        if not self.assembly.begin_query((printed, title), length, turn, number, whole):
            broken(self._report, "queries_missing", self._stack[-1].start)

    def _next_round(self, words: tuple[str | None, str | None]) -> int | None:
        program = (self._report.search.program or "").lower()
        if any(element.name == b"iterations" for element in self._stack):
            return leaf_number(self._leaves_of(b"Iteration").get("iter_num"))
        if program not in ("psiblast", "blastpgp", "deltablast"):
            return None
        self._round = (self._round or 0) + 1 if self.assembly.same_round(words) else 1
        return self._round

    def _end_query(self, element: Element) -> None:
        if not self._begun:
            if not element.leaves.keys() & {"query_id", "query_def"}:
                if self.assembly.by_blast_plus:
                    broken(self._report, "missing_element", element.start)
                return
            self._stack.append(element)
            self._begin_query()
            self._stack.pop()
            self._hits_whole = not element.broken
        message = self._text(element.leaves.get("message")) or None
        found_all = self._hits_whole and (not element.broken or self.assembly.has_hsps)
        self._leave_query(found_all, message, element.start)

    def _leave_query(self, whole: bool, message: str | None, start: int) -> None:
        if not self.assembly.end_query(whole, message):
            broken(self._report, "hits_missing", start)
        self._begun = False

    def _begin_hit(self) -> None:
        leaves = self._leaves_of(self._dialect.hit)
        element = next((item for item in reversed(self._stack) if item.name == self._dialect.hit), None)
        merged = bool(self._deflines)
        deflines = self._deflines or ([self._defline(leaves)] if "id" in leaves or "def" in leaves else [])
        untitled = not merged and "def" not in leaves and self.assembly.by_blast_plus
        if element is None or element.broken or self._hit_torn or untitled:
            deflines = []
        start = self._stack[-1].start
        number, length = leaf_number(leaves.get("num")), leaf_number(leaves.get("len"))
        if length is None and deflines:
            broken(self._report, "missing_element", start)
        if not self.assembly.begin_hit(number, length, deflines, merged):
            broken(self._report, "hits_missing", start)
            self.assembly.break_query()

    def _defline(self, leaves: dict[str, bytes]) -> Defline:
        return Defline(
            self._text(leaves.get("id")) or "",
            self._text(leaves.get("def", leaves.get("title"))),
            leaf_number(leaves.get("taxid")),
            self._text(leaves.get("sciname")),
            self._text(leaves.get("accession")),
        )

    def _end_hsp(self, element: Element) -> None:
        verdict = Verdict.REJECTED
        if element.broken:
            self.assembly.break_hsp({} if element.mixed else element.leaves)
        else:
            values = {name: hsp_leaf(name, raw) for name, raw in element.leaves.items()}
            verdict = self.assembly.add_loose(values)
        self.assembly.judged(verdict, element.start, element.line)

    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take neighbouring HSPs that are written exactly as BLAST writes them, each by one match."""
        stack, dialect = self._stack, self._dialect
        if not stack or stack[-1].name != dialect.hsps:
            return start
        match = dialect.plain.hsp.match
        while found := match(buffer, start):
            self._add_plain(found, start, buffer)
            start = found.end()
        return start

    def _add_plain(self, found: re.Match[bytes], start: int, buffer: bytes) -> None:
        number, *cells = found.groups(b"")
        verdict = self.assembly.add(int(number), cells)
        if verdict is not Verdict.KEPT:
            place = buffer.index(b"<", start)
            self.assembly.judged(verdict, self._base + place, self._line(place))

    def _look(self, buffer: bytes) -> None:
        self._lists.look(buffer)

    def _plain_hits(self, start: int, buffer: bytes) -> int:
        """Take neighbouring hits that are written from first to last byte exactly as BLAST writes them."""
        stack, assembly = self._stack, self.assembly
        if not stack or stack[-1].name != self._dialect.hits:
            return start
        if (found := self._lists.at(start)) and assembly.add_list(found):
            self._deflines, self._hit_torn = [], False
            return found.end
        self._lists.learn(buffer, start)
        by_blast_plus, merged = assembly.by_blast_plus, self._dialect.merged
        while (hit := self._plain.at(buffer, start, by_blast_plus)) and assembly.add_plain(hit, merged):
            self._deflines, self._hit_torn = [], False
            if len(hit.hsps) > 1:
                self._lists.learn(buffer, start)
            start = hit.end
        return start

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
