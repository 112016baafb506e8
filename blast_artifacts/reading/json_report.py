"""Reader of BLAST's JSON reports: outfmt 15 and the side files of 13.

Walks the containers token by token and takes HSPs, nearly all of the bytes, by one match each.
"""

from __future__ import annotations

from collections.abc import Iterator

from blast_artifacts.reading.assembly import Assembly
from blast_artifacts.reading.damage import broken
from blast_artifacts.reading.deflines import Defline
from blast_artifacts.reading.hits import Batch, Report
from blast_artifacts.reading.hsp_checks import Verdict
from blast_artifacts.reading.json_grammar import Container, Scalar
from blast_artifacts.reading.json_plain import PLAIN
from blast_artifacts.reading.json_scan import JsonScan
from blast_artifacts.reading.parameters import note_database, note_parameters
from blast_artifacts.reading.plain_hits import PlainHits
from blast_artifacts.reading.plain_lists import PlainLists
from blast_artifacts.reading.stream import Stream
from blast_artifacts.reading.xml_dialects import FIELDS_2
from blast_artifacts.terms import EndProof

_CLOSED = ord("}")


def read_json(stream: Stream, report: Report, ordinal: int = 0) -> Iterator[Batch]:
    """Batches of a JSON report, or of several that were joined; the first query gets this ordinal."""
    reader = _Json(report, ordinal)
    for block in stream:
        reader.feed(block)
        yield from reader.assembly.batches()
        if reader.behind is not None:
            break
    reader.feed(b"", last=True)
    if reader.behind:
        stream.put_back(reader.behind, reader.lines)
    yield from reader.assembly.batches(last=True)
    reader.assembly.finish()


class _Json(JsonScan):
    """What the containers say of queries, subjects and HSPs."""

    def __init__(self, report: Report, ordinal: int) -> None:
        super().__init__(report)
        self._documents = 0
        self._told = self._searched = False
        self._deflines: list[Defline] = []
        self._begun = False
        self._hits_whole = False
        self.assembly = Assembly(report, FIELDS_2, ordinal)
        self._plain = PlainHits(PLAIN, FIELDS_2, self._plain_text)
        self._lists = PlainLists(PLAIN, FIELDS_2, self._plain_text, merged=True)

    def _enter(self, role: str) -> None:
        if role == "report" or len(self._stack) == 1:
            self.assembly.begin_report(first=len(self._stack) == 1)
            self._searched = False
        elif role == "search":
            self._told = self._searched = True
            self._begun = self._hits_whole = False
        elif role == "hits":
            self._begin_query()
        elif role == "hit":
            self._deflines = []
        elif role == "hsps":
            self._begin_hit()

    def _leave(self, item: Container, whole: bool) -> None:
        role = item.role
        if role == "hsp":
            if whole:
                verdict = self.assembly.add_loose(item.raw)
            else:
                verdict = Verdict.REJECTED
                self.assembly.break_hsp(item.raw)
            self.assembly.judged(verdict, item.start, item.line)
        elif role == "defline":
            self._deflines.append(_defline(item.values))
        elif role == "hit":
            self._end_hit(item)
        elif role == "hits":
            self._hits_whole = whole
        elif role == "search":
            self._end_query(item, whole)
        elif role == "params" and whole:
            note_parameters(self._report.search, item.values)
        elif role == "stat" and whole:
            note_database(self._report.search, item.values)
        elif role in ("target", "report"):
            self._end_report(item)
        if whole and not self._stack:
            self._end_document(item)

    def _end_report(self, item: Container) -> None:
        self._note_search(item)
        if item.role == "report" and not self._searched:
            broken(self._report, "no_report", item.start)

    def _end_document(self, item: Container) -> None:
        if not self._told:
            reason = "manifest_without_data" if "BlastJSON" in item.keys else "no_report"
            broken(self._report, reason, item.start)
        self._documents += 1
        self._told = False

    def _note_search(self, *more: Container) -> None:
        search = self._report.search
        for item in (*self._stack, *more):
            if item.role == "report":
                search.program = search.program or _string(item.values.get("program"))
                search.version = search.version or _string(item.values.get("version"))
            elif item.role == "target":
                search.database = search.database or _string(item.values.get("db"))

    def _begin_query(self, search: Container | None = None) -> None:
        self._note_search()
        search = search or next(item for item in reversed(self._stack) if item.role == "search")
        outer = next((item for item in reversed(self._stack) if item.role == "round"), None)
        number = outer.values.get("iter_num") if outer else None
        values = search.values
        self._begun = True
        words = _string(values.get("query_id")), _string(values.get("query_title"))
        if self.assembly.by_blast_plus and (words[0] is None or values.get("query_len") is None):
            broken(self._report, "missing_element", search.start)
        follows = self.assembly.begin_query(words, _integer(values.get("query_len")), _integer(number))
        if not follows:
            broken(self._report, "queries_missing", search.start)

    def _end_query(self, item: Container, whole: bool) -> None:
        if not self._begun:
            if not item.values.keys() & {"query_id", "query_title"}:
                broken(self._report, "missing_element", item.start)
                return
            self._begin_query(item)
            self._hits_whole = whole
        complete = self._hits_whole and (whole or self.assembly.has_hsps)
        if not self.assembly.end_query(complete, _string(item.values.get("message")) or None):
            broken(self._report, "hits_missing", item.start)
        self._begun = False

    def _end_hit(self, item: Container) -> None:
        if not self.assembly.end_hit():
            broken(self._report, "hsps_missing", item.start)

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
            self._tear(b"", False)
            self._cut(0)
        else:
            report.end_proof = EndProof.PROVED

    # -- damage --------------------------------------------------------------------------------------------

    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take neighbouring HSPs that are written exactly as BLAST writes them, each by one match."""
        top, add = self._stack[-1], self.assembly.add
        while top.state in ("first", "next") and (found := PLAIN.hsp.match(buffer, start)):
            number, *cells = found.groups(b"")
            verdict = add(int(number), cells)
            if verdict is not Verdict.KEPT:
                place = buffer.index(b"{", start)
                self.assembly.judged(verdict, self._base + place, self._line(place))
            parted = PLAIN.between.match(buffer, found.end())
            start = parted.end() if parted else found.end()
            top.state = "next" if parted and parted[0] else "after"
        return start

    def _look(self, buffer: bytes) -> None:
        self._lists.look(buffer)

    def _plain_hits(self, start: int, buffer: bytes) -> int:
        """Take neighbouring hits that are written from first to last byte exactly as BLAST writes them."""
        top, assembly = self._stack[-1], self.assembly
        if top.state not in ("first", "next"):
            return start
        if (found := self._lists.at(start)) and assembly.add_list(found):
            top.state = "after"
            return found.end
        self._lists.learn(buffer, start)
        by_blast_plus = assembly.by_blast_plus
        while (hit := self._plain.at(buffer, start, by_blast_plus)) and assembly.add_plain(hit, merged=True):
            if len(hit.hsps) > 1:
                self._lists.learn(buffer, start)
            start = hit.end
            top.state = "next" if buffer[start - 1] != _CLOSED else "after"
            if top.state == "after":
                break
        return start

    @staticmethod
    def _plain_text(raw: bytes) -> str | None:
        text = raw.decode() if raw.isascii() else ""
        return text if text.isprintable() and len(text) == len(raw) else None

    def _within(self, role: str) -> None:
        if role == "hit":
            self.assembly.break_hit()
        else:
            self.assembly.break_query()

    def _ownerless(self, start: int) -> None:
        self.assembly.judged(Verdict.REJECTED, self._base + start, self._line(start))

    def _torn_hsp(self, fields: dict[str, bytes]) -> None:
        self.assembly.break_hsp(fields)


def _defline(values: dict[str, Scalar]) -> Defline:
    return Defline(
        _string(values.get("id")) or "",
        _string(values.get("title")),
        _integer(values.get("taxid")),
        _string(values.get("sciname")),
        _string(values.get("accession")),
    )


def _string(value: Scalar) -> str | None:
    return None if value is None else str(value)


def _integer(value: Scalar) -> int | None:
    return value if isinstance(value, int) and abs(value) < 1 << 63 else None
