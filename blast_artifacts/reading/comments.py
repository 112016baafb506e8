"""The comment lines of `-outfmt 7`: whose rows follow, which columns they have, how many there are."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from blast_artifacts.reading.blocks import Block, Work
from blast_artifacts.reading.cells import Shape, clean_text
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.detect import COMMENT
from blast_artifacts.reading.hits import Batch, Query, Report
from blast_artifacts.reading.identity import unnamed
from blast_artifacts.reading.labels import TWIN_LABELS, distinct, specifier_of
from blast_artifacts.reading.outfmt import STD, OutfmtSpec

_PROGRAM = re.compile(rb"# ([A-Z]*BLAST[A-Z]*) +(\d.*)")
_WEB_PROGRAM = re.compile(rb"# ([a-z]*blast[a-z]*)$")
_DIAMOND = re.compile(rb"# DIAMOND v(\d[^\s]*)")
_FOUND = re.compile(rb"# (\d+) hits? found")
PROCESSED = re.compile(rb"# BLAST processed (\d+) quer(?:y|ies)")


class Comments(ABC):
    """What the comments so far say of the rows that follow."""

    def __init__(self, spec: OutfmtSpec | None, report: Report, ordinal: int) -> None:
        self._report = report
        self._asked = spec.columns if spec else ()
        self._shape = Shape(self._asked or STD, (spec.delimiter if spec else "\t").encode())
        self._fields: tuple[bytes, tuple[str, ...]] = b"", ()
        self._work = Work()
        self._line = 1
        self._block: Block | None = None
        self._last_query: Query | None = None
        self._iteration: int | None = None
        self._first = self._queries = ordinal
        self._names: set[int] = set()
        self._since_trailer = 0
        self._trailers = 0
        self._in_document = False
        self._counting = False
        self._modern = False
        self._counted = True
        self._web = False

    @abstractmethod
    def _give(self) -> Iterator[Batch]:
        """The rows and the queries found so far as a batch."""

    @abstractmethod
    def _give_bare(self) -> Iterator[Batch]:
        """Rows without comments that are not yet given out, as a batch of their own."""

    def _comment(self, line: bytes, offset: int) -> Iterator[Batch]:
        if not COMMENT.match(line):
            if line.startswith(b"# ") or line == b"#":
                warn(self._report, "unknown_comments")
            else:
                reject(self._report, "rejected_rows", offset, self._line)
            return
        if found := PROCESSED.match(line):
            self._trailer(int(found[1][:18]), offset)
        elif found := _PROGRAM.match(line):
            self._leave()
            if not self._in_document:
                yield from self._give_bare()
            self._program(found[1], found[2])
        elif found := _WEB_PROGRAM.match(line):
            self._leave()
            self._web = True
            self._report.search.program = self._report.search.program or found[1].decode()
        elif found := _FOUND.match(line):
            self._counting = True
            if self._block:
                self._block.found = int(found[1][:18])
        elif found := _DIAMOND.match(line):
            self._report.search.program, self._report.search.version = "diamond", found[1].decode()
        else:
            key, _, value = line[2:].partition(b":")
            yield from self._header(key, value.strip())

    def _header(self, key: bytes, value: bytes) -> Iterator[Batch]:
        if key == b"Iteration":
            self._leave()
            number = re.match(rb"\d{1,9}", value)
            self._iteration = int(number[0]) if number else None
        elif key == b"Query":
            self._enter(value)
        elif key == b"Database" and self._report.search.database is None:
            self._report.search.database = clean_text(value)[0]
        elif key == b"Fields":
            if self._block:
                self._block.labelled = True
            columns = self._labelled(value)
            if columns != self._shape.columns:
                yield from self._give()
                self._shape = Shape(columns, self._shape.delimiter)

    def _program(self, name: bytes, version: bytes) -> None:
        self._in_document = True
        search = self._report.search
        search.program = search.program or name.decode().lower()
        search.version = search.version or f"{name.decode()} {clean_text(version)[0]}"
        self._counted = b"+" in version
        self._modern |= self._counted
        self._iteration = None

    def _enter(self, value: bytes) -> None:
        """A `# Query:` line: the next query, or the next round of the same one."""
        self._leave()
        self._in_document = True
        title, latin1 = clean_text(value)
        if latin1:
            warn(self._report, "encoding_latin1")
        before = self._last_query
        if self._iteration and self._iteration > 1 and before and before.title == (title or None):
            index = before.index
        else:
            index, self._queries = self._queries, self._queries + 1
            self._remember(title, index)
        name = title.split(None, 1)[0] if title.strip() else unnamed(index)
        query = Query(index, name, title or None, iteration=self._iteration)
        self._block = Block(query, named=bool(title.strip()), counted=self._counted)
        self._last_query = query
        self._since_trailer += 1

    def _remember(self, title: str, index: int) -> None:
        name = title.split(None, 1)[0] if title.strip() else unnamed(index)
        if hash(name) in self._names:
            warn(self._report, "duplicate_query_ids")
        self._names.add(hash(name))

    def _labelled(self, value: bytes) -> tuple[str, ...]:
        """The specifiers of a `# Fields:` line (P24)."""
        if value == self._fields[0]:
            return self._fields[1]
        labels = clean_text(value)[0].split(", ")
        names: list[str] = []
        for place, label in enumerate(labels):
            name = specifier_of(label)
            if twins := TWIN_LABELS.get(label.strip().lower()):
                meant = [twin for twin in twins if twin in self._asked and twin not in names]
                if len(self._asked) == len(labels) and self._asked[place] in twins:
                    meant = [self._asked[place]]
                name = next((twin for twin in (*meant, *twins[::-1]) if twin not in names), name)
            names.append(name)
        self._fields = value, distinct(names)
        return self._fields[1]

    def _trailer(self, count: int, offset: int) -> None:
        self._leave()
        if count != self._since_trailer:
            broken(self._report, "query_count_differs", offset)
        self._since_trailer = 0
        self._trailers += 1
        self._in_document = False
        self._iteration = None
        self._last_query = None

    def _leave(self) -> None:
        if self._block:
            self._work.ended.append(self._block)
            self._block = None
