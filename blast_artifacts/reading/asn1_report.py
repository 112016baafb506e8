"""Reader of BLAST's archives (outfmt 11, ElasticBLAST's default), without the database.

An archive holds the queries, the options and where each HSP lies. Of the subjects it has ids alone, save
where they were given as `-subject` (P66).
"""

from __future__ import annotations

from collections.abc import Iterator

from blast_artifacts.reading.asn1_alignment import Alignment, Unfit, alignment_of, diagonal_of
from blast_artifacts.reading.asn1_archive import Archive, Record
from blast_artifacts.reading.asn1_ids import ordinal_name, printed_ids
from blast_artifacts.reading.asn1_letters import Letters, aligned
from blast_artifacts.reading.asn1_options import option_of, parameters_of
from blast_artifacts.reading.asn1_plain import PLAIN
from blast_artifacts.reading.asn1_rows import QFRAME, Hsp, Rows, Widths, columns_of, hsp_of, widths_of
from blast_artifacts.reading.asn1_scan import Asn1Scan
from blast_artifacts.reading.asn1_value import Element, Malformed, Value, defline_of, integer, members, text
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.deflines import Defline, described
from blast_artifacts.reading.hits import HIT_COLUMNS, Batch, Notice, Query, Report, hit_schema
from blast_artifacts.reading.identity import subject_key
from blast_artifacts.reading.parameters import note_parameters
from blast_artifacts.reading.query_numbers import QueryNumbers
from blast_artifacts.reading.stream import Stream
from blast_artifacts.terms import EndProof

BATCH_ROWS = 65_536
BATCH_LETTERS = 12 << 20
"""HSPs of a batch, and letters of their sequences."""

_NO_LETTERS, _UNKNOWN = "Sequence contains no data", "Sequence has no known letters"
_MESSAGES = 3
"""As many of BLAST's own words are kept."""


def read_asn1(stream: Stream, report: Report, ordinal: int = 0) -> Iterator[Batch]:
    """Batches of an archive, or of several that follow one another (one a chunk of queries).

    The first query gets this ordinal.
    """
    reader = _Asn1(report, ordinal)
    for block in stream:
        reader.feed(block)
        yield from reader.batches()
        if reader.behind is not None:
            break
    reader.feed(b"", last=True)
    if reader.behind:
        stream.put_back(reader.behind, reader.lines)
    reader.finish()
    yield from reader.batches(last=True)
    report.columns = tuple(name for name in HIT_COLUMNS if name in reader.present)


class _Asn1(Asn1Scan):
    """What the values of an archive say of queries, subjects and HSPs."""

    def __init__(self, report: Report, ordinal: int) -> None:
        super().__init__(report)
        self._archive = Archive()
        self._record = Record()
        self._numbers = QueryNumbers(report, ordinal)
        self._rows = Rows()
        self._finished: list[Query] = []
        self._subject: tuple[int, str] | None = None
        self._before: Hsp | None = None
        self.present: set[str] = set()

    def batches(self, last: bool = False) -> Iterator[Batch]:
        """What is ready, if it is enough for a batch or the file is at its end."""
        enough = len(self._rows) >= BATCH_ROWS or self._rows.letters >= BATCH_LETTERS
        if not (enough or last or len(self._finished) >= BATCH_ROWS):
            return
        if not (len(self._rows) or self._finished):
            return
        hits = self._rows.take() if len(self._rows) else hit_schema().to_frame()
        if self._rows.too_large:
            warn(self._report, "numbers_too_large")
        nulls = hits.null_count().row(0)
        self.present |= {name for name, n in zip(hits.columns, nulls, strict=True) if n < hits.height}
        self._report.rows += hits.height
        yield Batch(hits, self._finished)
        self._finished = []

    def finish(self) -> None:
        """The end of the file, of which nothing shows that it is one (blast-output.md 1.11)."""
        if self._end():
            warn(self._report, "end_not_provable")
        else:
            self._report.end_proof = EndProof.MISSING
            broken(self._report, "end_missing", self._report.bytes)

    # -- queries, subjects, options ------------------------------------------------------------------------

    def _began(self, kind: str, words: bytes, start: int) -> None:
        if kind == "archive":
            self._archive, self._subject, self._before = Archive(), None, None
        elif kind == "search":
            self._archive.searched = True
        elif kind in ("query", "subject"):
            self._record = Record()
        elif kind == "results":
            self._number(start)

    def _ended(self, kind: str, whole: bool) -> None:
        archive, record = self._archive, self._record
        if kind == "query" and whole:
            archive.records.append(record)
            self._check_letters(record)
            record.blank = _NO_LETTERS if record.length == 0 else _UNKNOWN if record.letters.unknown else None
            if record.blank:
                warn(self._report, "queries_not_searched")
        elif kind == "subject" and whole:
            archive.subjects.update(dict.fromkeys(record.ids, record))
            self._check_letters(record)
        elif kind == "results":
            archive.results_whole = whole
        elif kind == "archive":
            if not archive.queries:
                self._number(0)
            self._finished += archive.settled()
            if not archive.searched:
                broken(self._report, "search_failed", self._base)

    def _leaf(self, kind: str, words: bytes, value: Value) -> None:
        archive, said = self._archive, self._text(value)
        if kind == "request" and words == b"ident":
            self._report.search.version = self._report.search.version or said
        elif kind == "search" and words == b"program":
            archive.program = said
        elif kind == "search" and words == b"service":
            archive.service = said
        elif kind == "search" and words == b"subject database":
            archive.database = said
            archive.drop_sequences()
        elif kind == "instance" and words == b"length":
            self._record.length = integer(value)

    def _text(self, value: Value) -> str | None:
        raw = text(value)
        if raw is None:
            return None
        try:
            return raw.decode()
        except UnicodeDecodeError:
            warn(self._report, "encoding_latin1")
            return raw.decode("latin-1")

    def _residues(self, encoding: str, piece: bytes) -> None:
        self._archive.keep(self._record, encoding, piece)

    def _check_letters(self, record: Record) -> None:
        """A sequence of another length than it has lost some of its letters."""
        if record.letters.encoding and not record.letters.are(record.length):
            record.letters = Letters()
            broken(self._report, "malformed_asn1", self._base)

    def _number(self, start: int) -> None:
        """All queries of the archive have been told of."""
        archive = self._archive
        self._note_search(archive)
        queries = []
        for record in archive.records:
            words = (None if record.printed is None else subject_key(record.printed)), record.title
            length = archive.searched_length(record)
            queries.append(self._numbers.next(words, length, archive.round, None))
            if self._numbers.missing:
                broken(self._report, "queries_missing", self._base + start)
        archive.number(queries)

    def _note_search(self, archive: Archive) -> None:
        search, program = self._report.search, archive.blast_program
        if search.program is None and program:
            search.program = program
            search.version = f"{program.upper()} {search.version}" if search.version else None
            search.database = archive.database
            note_parameters(search, parameters_of(archive.options))

    # -- alignments ----------------------------------------------------------------------------------------

    def _value(self, kind: str, words: bytes, value: list[Element], start: int) -> None:
        if kind in ("alignments", "diagonals"):
            try:
                found = alignment_of(value) if kind == "alignments" else diagonal_of(value)
            except Unfit:
                raise Malformed(start) from None
            self._add(found, start)
        elif kind == "options":
            if option := option_of(value):
                self._archive.options[option[0]] = option[1]
        elif kind == "messages":
            self._note_message(members(value))
        elif words == b"id":
            self._record.ids = printed_ids(value)
        else:
            self._describe(value, start)

    def _describe(self, value: list[Element], start: int) -> None:
        """The title; raises Malformed where it was lost: BLAST keeps the line that it is from beside it."""
        record = self._record
        record.title = self._text(members(value).get(b"title"))
        if record.title is None and record.numbered and defline_of(value) not in (None, b">"):
            raise Malformed(start)

    def _plain(self, kind: str, start: int, buffer: bytes) -> int:
        for pattern, make in PLAIN[kind]:
            place = start
            while found := pattern.match(buffer, place):
                if found.end() == len(buffer):
                    break
                try:
                    alignment = make(found)
                except Unfit:
                    break
                self._add(alignment, place)
                place = found.end()
            if place > start:
                return place
        return start

    def _add(self, found: Alignment, start: int) -> None:
        """Keep an HSP, or write down that it cannot be believed."""
        archive = self._archive
        try:
            place = archive.place_of(found.query, found.subject)
            if place is None:
                raise Unfit
            record = archive.records[place]
            subject = archive.subjects.get(found.subject)
            if subject is None and archive.has_subjects:
                raise Unfit
            widths = widths_of(archive.blast_program)
            nucleotides = archive.program == "blastn"
            lengths = record.length, subject.length if subject else None
            hsp = hsp_of(found, widths, nucleotides, lengths)
            again = hsp == self._before and self._subject == (place, found.subject)
            if again or not self._fits(found, place, hsp, widths):
                raise Unfit
        except Unfit:
            reject(self._report, "rejected_hsp", self._base + start, self._line(start))
            archive.tear()
            return
        archive.advance(place, found.subject)
        if self._subject != (place, found.subject):
            self._subject = place, found.subject
            self._rows.open(self._hit(archive.queries[place], found.subject, subject))
        self._before = hsp
        if found.scores.adjusted:
            warn(self._report, "positives_adjusted")
        rows = self._aligned(found, record, subject, widths)
        self._rows.add(hsp, *(rows or (None, None)))

    def _fits(self, found: Alignment, place: int, hsp: Hsp, widths: Widths) -> bool:
        """Whether the HSP is as those before it."""
        archive = self._archive
        letters = sum(columns_of(piece, widths) for piece in found.pieces if piece.query)
        # Profiles of rpsblast have a scale each.
        frame = found.subject if archive.service == "rpsblast" else hsp[QFRAME]
        # BLAST writes the first of the sequences that bear an id for each of them.
        length = None if archive.bears_again(found.query) else archive.queries[place].length
        return archive.habits.agree(found.scores, place, frame, letters, length)

    def _hit(self, query: Query, name: str, subject: Record | None) -> tuple[object, ...]:
        if subject:
            accession = name if name.startswith("Subject_") else None
            return described(
                query, subject.length, [Defline(name, subject.title, None, None, accession)], False
            )
        warn(self._report, "archive_lacks_subjects")
        if name.startswith("gnl|BL_ORD_ID|"):
            warn(self._report, "subjects_by_number")
            name = ordinal_name(name, self._archive.database)
        return described(query, None, [Defline(name)], False)

    def _aligned(
        self, found: Alignment, record: Record, subject: Record | None, widths: Widths
    ) -> tuple[str, str] | None:
        if subject is None or self._archive.sequences_dropped:
            return None
        codes = [self._archive.options.get(f"{side}GeneticCode", 1) for side in ("Query", "Db")]
        return aligned(found, (record.letters, subject.letters), widths, (int(codes[0]), int(codes[1])))

    def _note_message(self, fields: dict[bytes, Value]) -> None:
        said = self._text(fields.get(b"message"))
        notices = self._report.notices
        known = [notice.text for notice in notices if notice.code == "blast_message"]
        words = f"BLAST said: {said}"
        if said and words not in known and len(known) < _MESSAGES:
            notices.append(Notice("blast_message", words))

    def _broken(self, kinds: list[str]) -> None:
        if "results" in kinds:
            self._archive.tear()
