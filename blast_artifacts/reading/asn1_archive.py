"""The archive that is being read: its queries, its subjects, and which queries lost something."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from blast_artifacts.reading.asn1_habits import Habits
from blast_artifacts.reading.asn1_letters import Letters
from blast_artifacts.reading.asn1_options import END, ROUND, START, Option
from blast_artifacts.reading.hits import Query
from blast_artifacts.terms import QueryStatus

SEQUENCES_KEPT = 32 << 20
"""Packed bytes of the sequences of one archive that are kept to show alignments."""

_NUMBERED = re.compile(r"(?:Query|Subject)_\d+")


@dataclass(slots=True)
class Record:
    """A query, or a subject that was given as one; `length` is that of the whole sequence.

    `blank` says why it cannot be searched.
    """

    ids: list[str] = field(default_factory=list)
    title: str | None = None
    length: int | None = None
    letters: Letters = field(default_factory=Letters)
    blank: str | None = None

    @property
    def numbered(self) -> bool:
        """Whether BLAST gave the id, so that all of the FASTA line is in the title."""
        return bool(_NUMBERED.fullmatch(self.printed or ""))

    @property
    def printed(self) -> str | None:
        """The id that other formats print: an accession rather than a gi."""
        accessions = [name for name in self.ids if not name.startswith("gi|")]
        return next(iter(accessions or self.ids), None)


@dataclass(slots=True)
class Archive:
    """One search of a chunk of queries.

    `place` is that of the query whose alignments come now, -1 before the first; `torn` are the places of
    queries of which something was lost, `torn_from` where a loss began that has not ended yet.
    """

    searched: bool = False
    program: str | None = None
    service: str | None = None
    database: str | None = None
    options: dict[str, Option] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    subjects: dict[str, Record] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    place: int = -1
    torn: set[int] = field(default_factory=set)
    torn_from: int | None = None
    results_whole: bool = False
    kept: int = 0
    sequences_dropped: bool = False
    habits: Habits = field(default_factory=Habits)
    _places: dict[str, list[int]] = field(default_factory=dict)
    _subjects: dict[str, None] = field(default_factory=dict)

    @property
    def blast_program(self) -> str | None:
        """The name of the program that was run."""
        if self.service == "rpsblast":
            return "rpsblast" if self.program == "blastp" else "rpstblastn"
        return "psiblast" if (self.program, self.service) == ("blastp", "psi") else self.program

    @property
    def has_subjects(self) -> bool:
        """Whether the subjects are in the archive; of a damaged one perhaps not all of them."""
        return self.database is None

    @property
    def round(self) -> int | None:
        """The PSI-BLAST round."""
        number = self.options.get(ROUND)
        return number if isinstance(number, int) and self.service == "psi" else None

    def searched_length(self, record: Record) -> int | None:
        """Letters of a query that were searched: all, or those of -query_loc (P63)."""
        start, end = self.options.get(START), self.options.get(END)
        if record.length is None or not isinstance(start, int):
            return record.length
        last = min(end, record.length - 1) if isinstance(end, int) and end > 0 else record.length - 1
        return max(0, last - start + 1)

    def number(self, queries: list[Query]) -> None:
        """The queries are known: they bear the numbers of these."""
        self.queries, self.hits = queries, [0] * len(queries)
        for place, record in enumerate(self.records):
            for name in record.ids:
                self._places.setdefault(name, []).append(place)

    def place_of(self, query: str, subject: str) -> int | None:
        """The query that an alignment names; None if there is none that may come now.

        With `-parse_deflines` several may bear the id: a subject that comes back after others is the next's.
        """
        places = [place for place in self._places.get(query, ()) if place >= self.place]
        back = subject in self._subjects and subject != next(reversed(self._subjects))
        if back and len(places) > 1 and places[0] == self.place:
            return places[1]
        return places[0] if places else None

    def bears_again(self, query: str) -> bool:
        """Whether several queries bear this id."""
        return len(self._places.get(query, ())) > 1

    def advance(self, place: int, subject: str) -> None:
        """An alignment of this query was taken."""
        if place != self.place:
            self._subjects = {}
        self._subjects[subject] = None
        if self.torn_from is not None:
            self.torn.update(range(self.torn_from, place + 1))
            self.torn_from = None
        self.place = place
        self.hits[place] += 1

    def tear(self) -> None:
        """Alignments from here on may be missing, until one is there again."""
        if self.torn_from is None:
            self.torn_from = max(self.place, 0)

    def settled(self) -> list[Query]:
        """All queries, with what is known of them at the end."""
        if not self.results_whole:
            self.tear()
        if self.torn_from is not None:
            self.torn.update(range(self.torn_from, len(self.queries)))
        for place, query in enumerate(self.queries):
            if place in self.torn:
                query.status = QueryStatus.PARTIAL if self.hits[place] else QueryStatus.UNREAD
            elif not self.hits[place]:
                blank = self.records[place].blank
                query.status = QueryStatus.NOT_SEARCHED if blank else QueryStatus.NO_HITS
                query.message = blank
        return self.queries

    def keep(self, record: Record, encoding: str, piece: bytes) -> None:
        """The next letters of a record, as long as there is room."""
        if self.sequences_dropped:
            return
        self.kept += len(piece)
        if self.kept > SEQUENCES_KEPT:
            self.drop_sequences()
        else:
            record.letters.add(encoding, piece)

    def drop_sequences(self) -> None:
        """Sequences are of no use, or too large."""
        self.sequences_dropped = True
        for record in (*self.records, *self.subjects.values()):
            record.letters = Letters()
