"""Queries, hits and HSPs of a structured report (outfmt 5, 13, 14, 15, 16) -> batches of the hit table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from blast_artifacts.reading.collected import Collected, Hit
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.deflines import Defline, described
from blast_artifacts.reading.doubt import Doubt
from blast_artifacts.reading.hits import HIT_COLUMNS, Batch, Query, Report
from blast_artifacts.reading.hsp_checks import INTEGER, Verdict, agrees, compared, nearly_whole, well_formed
from blast_artifacts.reading.hsp_table import NUMBERS
from blast_artifacts.reading.plain_hits import PlainHit
from blast_artifacts.reading.plain_lists import PlainList
from blast_artifacts.reading.query_letters import QueryLetters
from blast_artifacts.reading.query_numbers import QueryNumbers
from blast_artifacts.terms import QueryStatus

BATCH_BYTES = 12 << 20
"""Report bytes of the HSPs in one batch, sequences and all."""

DOUBT_BYTES = 4 * BATCH_BYTES
"""As much may wait for the proof that it belongs to its query."""

_NOT_SEARCHED = re.compile(
    r"Sequence contains no data|invalid query sequence or its translation|Query is Empty|no valid query",
    re.IGNORECASE,
)


class Assembly:
    """Takes the parts of a report as they come and gives batches; knows what may follow a break.

    `fields` is the order of the cells in an HSP row, `ordinal` that of the first query.
    """

    def __init__(self, report: Report, fields: Sequence[str], ordinal: int = 0) -> None:
        self._report = report
        self._fields = tuple(fields)
        self._at = {name: place for place, name in enumerate(fields)}
        self._compared = compared(self._fields)
        self._collected = Collected()
        self._letters = QueryLetters(self._at)
        self._doubt = Doubt(self._collected, report, self._letters)
        self._ended: list[Query] = []
        self._numbers = QueryNumbers(report, ordinal)
        self._query: Query | None = None
        self._last: Query | None = None
        self._hsps = 0
        self._hit: Hit | None = None
        self._hit_number = 0
        self._hsp_number = 0
        self._best: Sequence[bytes] = ()
        self._headless = False
        self._present: set[str] = set()
        self._lacking: int | None = None

    @property
    def by_blast_plus(self) -> bool:
        """Whether the writer leaves no field out."""
        return "+" in (self._report.search.version or "")

    # -- queries -------------------------------------------------------------------------------------------

    @property
    def has_hsps(self) -> bool:
        """Whether the open query has an HSP yet."""
        return self._hsps > 0

    def begin_query(
        self,
        words: tuple[str | None, str | None],
        length: int | None,
        turn: int | None,
        number: int | None = None,
        whole: bool = True,
    ) -> bool:
        """The next query (or round, as `QueryNumbers` tells); False if queries before it are missing.

        Hits of a query whose head is not `whole` may be another's: they are rejected.
        """
        query = self._numbers.next(words, length, turn, number)
        self._settle_query(self._numbers.follows)
        self._query = self._last = query
        self._hsps, self._hit_number, self._hit = 0, 0, None
        self._headless, self._best = not whole, ()
        self._letters.forget()
        return not self._numbers.missing

    def begin_report(self, first: bool) -> None:
        """A new report: rounds do not go on across it, nor, if it is the `first` of a document, numbers."""
        self._numbers.previous = None
        if first:
            self._numbers.number = self._lacking = None

    def end_query(self, whole: bool, message: str | None = None) -> bool:
        """Leave the open query; `whole` if all of its hits were there to read. False if hits are missing.

        BLAST+ has a message on every query without hits.
        """
        query, self._query = self._query, None
        self._hit = None
        if query is None:
            return True
        self._hsps -= self._doubt.settle_hit(None)
        query.message = message
        silent = not self._hsps and not message and self.by_blast_plus
        if silent or self._doubt.query or not whole:
            query.status = QueryStatus.PARTIAL if self._hsps else QueryStatus.UNREAD
        elif not self._hsps:
            searched = not (message and _NOT_SEARCHED.search(message))
            query.status = QueryStatus.NO_HITS if searched else QueryStatus.NOT_SEARCHED
            if not searched:
                warn(self._report, "queries_not_searched")
        self._ended.append(query)
        return not silent

    def break_query(self) -> None:
        """Something of the open query was lost."""
        if self._query:
            self._doubt.begin(in_hit=False)

    def same_round(self, words: tuple[str | None, str | None]) -> bool:
        """Whether these are the id and the title of the query before."""
        return self._numbers.previous == words

    def _settle_query(self, follows: bool | None) -> None:
        """Keep or drop what came behind a break of the query that was left last.

        `follows`: whether the query behind it has the very next number, None where there are no numbers.
        """
        gone = self._doubt.settle_query(follows)
        self._hsps -= gone
        if gone and self._last and not self._hsps:
            self._last.status = QueryStatus.UNREAD

    # -- hits ----------------------------------------------------------------------------------------------

    def begin_hit(
        self, number: int | None, length: int | None, deflines: Sequence[Defline], merged: bool
    ) -> bool:
        """The next subject of the open query; False if hits before it are missing.

        `merged`: `deflines` are all members of the record, not only the first.
        """
        expected = self._hit_number + 1
        self._hsps -= self._doubt.settle_hit(None if number is None else number == expected)
        self._doubt.orderly &= number == expected or not self._doubt.query
        self._hsp_number, self._hit_number = 0, number or expected
        query = self._query
        named = deflines and deflines[0].id
        if query is None or self._headless or not named or self._hit_number < expected:
            self._hit = None
        else:
            self._hit = described(query, length, deflines, merged)
            self._collected.open(self._hit)
        return number is None or number <= expected

    def break_hit(self, small: bool = False) -> None:
        """Something of the open hit was lost, more than a field of one HSP unless `small`."""
        if self._query:
            self._doubt.begin(self._hit is not None, small)

    def break_hsp(self, values: Mapping[str, bytes]) -> None:
        """An HSP of which only these fields were there; none of them may be trusted if two ran together."""
        self.break_hit(small=nearly_whole(values))
        number = values.get("num", b"").strip()
        if self._hit and INTEGER.fullmatch(number):
            self._hsp_number = max(self._hsp_number, int(number))

    def end_hit(self) -> bool:
        """Leave the open hit; False if it had no HSP, as no hit of BLAST's has."""
        number, self._hsp_number, self._hit = self._hsp_number, 0, None
        return number > 0

    def add_plain(self, hit: PlainHit, merged: bool) -> bool:
        """A whole hit; False, and nothing was taken, if it is not surely the next of its query."""
        query = self._query
        if query is None or self._headless or self._doubt.query or hit.number != self._hit_number + 1:
            return False
        if self.by_blast_plus and hit.lacking != self._lacking:
            return False
        self._doubt.settle_hit(True)
        self._hit, self._hit_number, self._hsp_number = None, hit.number, 0
        self._collected.open(described(query, hit.length, hit.deflines, merged))
        self._collected.add(*hit.hsps)
        self._letters.show(*hit.hsps)
        self._best = hit.hsps[0]
        self._hsps += len(hit.hsps)
        return True

    def add_list(self, found: PlainList) -> bool:
        """All hits of the open query; False, and nothing was taken, if it has some or is in doubt."""
        query = self._query
        if query is None or self._headless or self._doubt.query or self._hit_number:
            return False
        if self.by_blast_plus and found.lacking != self._lacking:
            return False
        self._doubt.settle_hit(True)
        self._hit, self._hit_number, self._hsp_number = None, found.hits, 0
        self._collected.add_list(found, (query.index, query.iteration, query.id, query.length))
        self._letters.show(*found.shown)
        self._best = found.best
        self._hsps += found.stop - found.first
        return True

    # -- HSPs ----------------------------------------------------------------------------------------------

    def add(self, number: int, cells: Sequence[bytes]) -> Verdict:
        """One HSP whose cells are numbers where they must be."""
        expected = self._hsp_number + 1
        if self._hit is None or number < expected:
            self._hit = None
            return Verdict.REJECTED
        if number > expected:
            self.break_hit(small=self._doubt.hit is None)
        midline_fits = agrees(self._compared(cells), self.by_blast_plus)
        if midline_fits is None or self._lacks_fields(cells):
            self._hsp_number = number
            self.break_hit(small=nearly_whole(dict(zip(self._fields, cells, strict=True))))
            return Verdict.REJECTED
        if self._doubt.query and self._doubt.denies(cells, self._hit, self._best):
            self._hit = None
            return Verdict.REJECTED
        self._hsp_number = number
        if not midline_fits:
            cells = [*cells]
            cells[self._at["midline"]] = b""
        if not self._hsps or not self._collected.rows_of_hit:
            self._best = cells
        self._collected.add(cells)
        self._hsps += 1
        if not self._doubt.query:
            self._letters.show(cells)
        if not midline_fits:
            # Its end may be that of another HSP, of another hit.
            self.break_hit()
        if number > expected or not midline_fits:
            return Verdict.AFTER_LOSS
        return Verdict.DOUBTFUL if self._doubt.query else Verdict.KEPT

    def _lacks_fields(self, cells: Sequence[bytes]) -> bool:
        """Whether fields are missing that BLAST+ gave another HSP of the report: it gives all the same."""
        lacking = cells.count(b"")
        if not self.by_blast_plus or lacking == self._lacking:
            return False
        if self._lacking is not None and lacking > self._lacking:
            return True
        if self._lacking is not None:
            broken(self._report, "missing_element", self._report.bytes)
        self._lacking = lacking
        return False

    def add_loose(self, values: Mapping[str, bytes]) -> Verdict:
        """One HSP of which nothing is known yet, by field name."""
        cells = {name: value.strip() if name in NUMBERS else value for name, value in values.items()}
        if not well_formed(cells):
            self.break_hsp(values)
            return Verdict.REJECTED
        number = cells.get("num", b"").strip()
        ordered = [cells.get(name, b"") for name in self._fields]
        return self.add(int(number) if number else self._hsp_number + 1, ordered)

    def judged(self, verdict: Verdict, offset: int, line: int) -> None:
        """Write down what became of the last HSP, which stands there."""
        if verdict is Verdict.REJECTED:
            reject(self._report, "rejected_hsp", offset, line)
            return
        if verdict is Verdict.AFTER_LOSS:
            broken(self._report, "hsps_missing", offset)
        self._doubt.note(offset, line)

    # -- batches -------------------------------------------------------------------------------------------

    def batches(self, last: bool = False) -> Iterator[Batch]:
        """What is ready, if it is enough for a batch or the file is at its end."""
        if last:
            self._settle_query(None)
        elif self._collected.size < (DOUBT_BYTES if self._doubt.query else BATCH_BYTES):
            if len(self._ended) < 50_000:
                return
        elif self._doubt.query and not self._doubt.orderly:
            self._hsps -= self._doubt.settle_query(False)
            self.break_query()
        if not (len(self._collected) or self._ended):
            return
        hits = self._collected.take(self._fields, self._report.search.program, self._hit)
        self._doubt.given_out()
        if self._collected.too_large:
            warn(self._report, "numbers_too_large")
        nulls = hits.null_count().row(0)
        self._present |= {name for name, n in zip(hits.columns, nulls, strict=True) if n < hits.height}
        self._report.rows += hits.height
        yield Batch(hits, self._ended)
        self._ended = []

    def finish(self) -> None:
        """Write down which columns the file had."""
        self._report.columns = tuple(name for name in HIT_COLUMNS if name in self._present)
