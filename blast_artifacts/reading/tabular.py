"""Reader of the tabular formats: outfmt 6, 7, 10 and 20, blastall -m 8 and -m 9, DIAMOND's table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from blast_artifacts.reading.cells import Row, Shape, clean_text, read_rows, split_row, table_of
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.detect import BOM, COMMENT
from blast_artifacts.reading.hit_table import as_hits, hit_columns
from blast_artifacts.reading.hits import Batch, Query, Report, hit_schema
from blast_artifacts.reading.identity import unnamed
from blast_artifacts.reading.labels import SOURCES, SPECIFIERS, TWIN_LABELS, distinct, specifier_of
from blast_artifacts.reading.outfmt import STD, OutfmtSpec
from blast_artifacts.reading.query_runs import QueryRuns
from blast_artifacts.terms import EndProof, FileState, QueryStatus

REGION = 8 << 20
"""Text bytes of one batch: about 25 MB of table."""

LONGEST_LINE = 64 << 20

_MARKED = re.compile(rb"^#[^\n]*\n", re.MULTILINE)
_PROGRAM = re.compile(rb"# ([A-Z]*BLAST[A-Z]*) +(\d.*)")
_DIAMOND = re.compile(rb"# DIAMOND v(\d[^\s]*)")
_FOUND = re.compile(rb"# (\d+) hits? found")
_PROCESSED = re.compile(rb"# BLAST processed (\d+) quer(?:y|ies)")
_CONVERGED = b"Search has CONVERGED!"


def read_tabular(
    blocks: Iterable[bytes], spec: OutfmtSpec | None, report: Report, psiblast: bool = False
) -> Iterator[Batch]:
    """Batches of a tabular file; `spec` gives columns and delimiter where the file does not."""
    reader = _Tabular(spec, report, psiblast)
    for text in _regions(blocks):
        yield from reader.region(text)
    yield from reader.end()


def _regions(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The file cut at line ends into pieces of about `REGION` bytes; only the last may lack its line end."""
    held = b""
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size < REGION:
            continue
        held = b"".join(parts)
        while len(held) >= REGION:
            cut = held.rfind(b"\n", 0, REGION) + 1 or held.find(b"\n", REGION) + 1
            if not cut:
                if len(held) < LONGEST_LINE:
                    break
                cut = len(held)
            yield held[:cut]
            held = held[cut:]
        parts, size = [held], len(held)
    if rest := b"".join(parts):
        yield rest


@dataclass(slots=True)
class _Block:
    """The comments before the rows of one query (or round), and how many rows came."""

    query: Query
    found: int | None = None
    rows: int = 0
    named: bool = True


@dataclass(slots=True)
class _Piece:
    """Neighbouring lines that should be rows; `block` is theirs, if comments told of one."""

    start: int
    end: int
    lines: int
    line: int
    block: _Block | None


@dataclass(slots=True)
class _Work:
    """What was found in a region and not yet given out."""

    pieces: list[_Piece] = field(default_factory=list)
    ended: list[_Block] = field(default_factory=list)
    converged: bool = False


class _Tabular:
    def __init__(self, spec: OutfmtSpec | None, report: Report, psiblast: bool) -> None:
        self._report = report
        self._asked = spec.columns if spec else ()
        self._shape = Shape(self._asked or STD, (spec.delimiter if spec else "\t").encode())
        self._runs = QueryRuns(report, psiblast)
        self._block: _Block | None = None
        self._work = _Work()
        self._queries = 0
        self._since_trailer = 0
        self._iteration: int | None = None
        self._counting = False
        self._modern = False
        self._in_document = False
        self._trailers = 0
        self._offset = 0
        self._line = 1
        self._names: set[int] = set()
        self._columns: dict[str, None] = {}
        self._text = b""
        self._fields: tuple[bytes, tuple[str, ...]] = b"", ()

    def region(self, text: bytes) -> Iterator[Batch]:
        """Read one region: whole lines, but for the last of the file."""
        if self._offset == 0 and text.startswith(BOM):
            self._offset = len(BOM)
            text = text[len(BOM) :]
        whole = text.rfind(b"\n") + 1
        self._text = text
        position = 0
        for mark in _MARKED.finditer(text, 0, whole):
            start, end = mark.span()
            line = mark[0].rstrip(b"\r\n")
            if self._is_row(line, position, start):
                continue
            self._take(position, start)
            yield from self._comment(line, self._offset + start)
            self._line += 1
            position = end
        self._take(position, whole)
        if whole < len(text):
            yield from self._cut_line(text[whole:].rstrip(b"\r"), self._offset + whole)
        yield from self._give()
        self._offset += len(text)
        self._report.bytes = self._offset

    def end(self) -> Iterator[Batch]:
        """What follows from the end of the file."""
        self._text = b""
        self._leave()
        ended = [self._settle(block) for block in self._work.ended]
        self._work = _Work()
        last = self._runs.close()
        if self._report.state is FileState.TRUNCATED and self._report.rejected and last and self._tail_cut:
            last[0].status = QueryStatus.PARTIAL
        self._prove()
        self._report.columns = tuple(name for name in hit_schema() if name in self._columns)
        yield Batch(hit_schema().to_frame(), ended + last)

    _tail_cut = False

    # -- comments ------------------------------------------------------------------------------------------

    def _is_row(self, line: bytes, position: int, start: int) -> bool:
        """Whether a line that begins with `#` is a row all the same (P26)."""
        if split_row(line, self._shape) is None:
            return False
        block = self._block
        if block and block.found is not None:
            due = block.rows + self._text.count(b"\n", position, start)
            due += sum(piece.lines for piece in self._work.pieces if piece.block is block)
            if due < block.found:
                return True
        telling = len(self._shape.columns) > 1 and any(kind != "text" for kind in self._shape.kinds)
        return telling or not line.startswith(b"# ")

    def _comment(self, line: bytes, offset: int) -> Iterator[Batch]:
        if not COMMENT.match(line):
            if line.startswith(b"# ") or line == b"#":
                warn(self._report, "unknown_comments")
            else:
                reject(self._report, "rejected_rows", offset, self._line)
            return
        if found := _PROCESSED.match(line):
            self._trailer(int(found[1][:18]), offset)
        elif found := _PROGRAM.match(line):
            self._leave()
            self._program(found[1], found[2])
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
            columns = self._labelled(value)
            if columns != self._shape.columns:
                yield from self._give()
                self._shape = Shape(columns, self._shape.delimiter)

    def _program(self, name: bytes, version: bytes) -> None:
        self._in_document = True
        search = self._report.search
        search.program = search.program or name.decode().lower()
        search.version = search.version or f"{name.decode()} {clean_text(version)[0]}"
        self._modern |= b"+" in version
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
        self._block = _Block(query, named=bool(title.strip()))
        self._last_query = query
        self._since_trailer += 1

    _last_query: Query | None = None

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

    # -- rows ----------------------------------------------------------------------------------------------

    def _take(self, start: int, end: int) -> None:
        if start < end:
            lines = self._text.count(b"\n", start, end)
            self._work.pieces.append(_Piece(start, end, lines, self._line, self._block))
            self._line += lines

    def _cut_line(self, line: bytes, offset: int) -> Iterator[Batch]:
        """The last line of the file without its line end: a row there may be cut in mid-number (P15)."""
        if _PROCESSED.fullmatch(line):
            yield from self._comment(line, offset)
        elif line == _CONVERGED:
            self._work.converged = True
        elif line.strip():
            if COMMENT.match(line) or line.startswith(b"# "):
                broken(self._report, "cut_line", offset)
            else:
                reject(self._report, "cut_line", offset, self._line)
            self._tail_cut = True

    def _give(self) -> Iterator[Batch]:
        """The rows and the queries found so far as a batch."""
        work, self._work = self._work, _Work()
        pieces = [piece for piece in work.pieces if piece.lines]
        table, counts = self._table(pieces, work)
        for piece, count in zip(pieces, counts, strict=True):
            if piece.block:
                piece.block.rows += count
        hits, ended = self._hits(table, pieces, counts, work)
        queries = [*ended, *(self._settle(block) for block in work.ended)]
        self._report.rows += hits.height
        if hits.height or queries:
            yield Batch(hits, sorted(queries, key=lambda query: query.index))

    def _table(self, pieces: list[_Piece], work: _Work) -> tuple[pl.DataFrame, list[int]]:
        """All rows of the pieces, and how many each gave."""
        text = b"".join(self._text[piece.start : piece.end] for piece in pieces)
        table = read_rows(text, sum(piece.lines for piece in pieces), self._shape) if pieces else None
        if table is not None:
            return table, [piece.lines for piece in pieces]
        rows: list[Row] = []
        counts = []
        for piece in pieces:
            before = len(rows)
            rows.extend(self._exact(piece, work))
            counts.append(len(rows) - before)
        if any(row.latin1 for row in rows):
            warn(self._report, "encoding_latin1")
        if any(row.ambiguous for row in rows):
            warn(self._report, "ambiguous_text")
        return table_of(rows, self._shape), counts

    def _exact(self, piece: _Piece, work: _Work) -> Iterator[Row]:
        offset = self._offset + piece.start
        for number, text in enumerate(self._text[piece.start : piece.end].split(b"\n")[:-1], piece.line):
            line = text.rstrip(b"\r")
            if line == _CONVERGED:
                work.converged = True
            elif line.strip():
                row = split_row(line, self._shape)
                if row and not self._is_header(line):
                    yield row
                elif not self._is_header(line):
                    reject(self._report, "rejected_rows", offset, number)
            offset += len(text) + 1

    def _is_header(self, line: bytes) -> bool:
        """A row of column names (outfmt 20), which may come again where files were joined."""
        names = clean_text(line)[0].split(self._shape.delimiter.decode())
        return tuple(names) == self._shape.columns

    def _hits(
        self, table: pl.DataFrame, pieces: list[_Piece], counts: list[int], work: _Work
    ) -> tuple[pl.DataFrame, list[Query]]:
        if not table.height:
            return hit_schema().to_frame(), []
        hits = as_hits(table)
        self._columns |= dict.fromkeys(hit_columns(self._shape.columns))
        if any(name not in SPECIFIERS for name in self._shape.columns):
            warn(self._report, "unknown_columns")
        if "bitscore" in self._columns:
            warn(self._report, "scores_rounded")
        if not any(name in SOURCES["qseqid"] for name in self._shape.columns) and not any(
            piece.block for piece in pieces
        ):
            return hits, []
        parts, ended, row = [], [], 0
        for headed, count, blocks in _stretches(pieces, counts):
            part = hits[row : row + count]
            row += count
            if headed:
                parts.append(self._headed(part, blocks))
                continue
            part, gone = self._runs.number(part, self._queries, work.converged)
            self._queries = max(self._queries, int(part["qindex"].max() or 0) + 1)  # type: ignore[arg-type]
            parts.append(part)
            ended += gone
        return pl.concat(parts), ended

    def _headed(self, hits: pl.DataFrame, blocks: list[tuple[_Block, int]]) -> pl.DataFrame:
        """Rows under comments: the comments say whose they are."""
        row = 0
        names: list[str | None] = []
        for block, count in blocks:
            if block.named and block.rows == count and hits["qseqid"][row] is not None:
                block.query.id = hits["qseqid"][row]
            if block.rows == count:
                block.query.length = hits["qlen"][row]
            names.append(block.query.id)
            row += count
        numbers = pl.DataFrame(
            {
                "qindex": [block.query.index for block, _ in blocks],
                "iteration": [block.query.iteration for block, _ in blocks],
                "name": names,
                "rows": [count for _, count in blocks],
            },
            schema={"qindex": pl.Int64, "iteration": pl.Int64, "name": pl.String, "rows": pl.Int64},
        )
        spread = numbers.select(pl.col("qindex", "iteration", "name").repeat_by("rows").explode())
        hits = hits.with_columns(spread["qindex"], spread["iteration"])
        if hits["qseqid"].null_count() or not all(block.named for block, _ in blocks):
            hits = hits.with_columns(spread["name"].alias("qseqid"))
        return hits

    # -- ends ----------------------------------------------------------------------------------------------

    def _settle(self, block: _Block) -> Query:
        """A query that was left: whether all of its rows came."""
        query = block.query
        at_end = not self._text
        if block.found is not None and block.rows < block.found:
            query.status = QueryStatus.PARTIAL if block.rows else QueryStatus.UNREAD
            broken(self._report, "hits_missing", self._offset)
        elif block.found is not None and block.rows > block.found:
            warn(self._report, "hits_found_differ")
        elif block.found is None and not block.rows:
            unknown = at_end and (self._counting or self._modern)
            query.status = QueryStatus.UNREAD if unknown else QueryStatus.NO_HITS
        elif not block.rows:
            query.status = QueryStatus.NO_HITS
        return query

    def _prove(self) -> None:
        """Proof of the end: the trailer of outfmt 7; other tabular files have none."""
        report = self._report
        if self._in_document and (self._counting or self._modern):
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", self._offset)
        elif self._trailers and not self._in_document:
            report.end_proof = EndProof.PROVED
        else:
            warn(report, "end_not_provable")
        if not report.rows and report.rejected and not self._queries:
            report.state, report.reason = FileState.UNSUPPORTED, "columns_differ"


def _stretches(
    pieces: list[_Piece], counts: list[int]
) -> Iterator[tuple[bool, int, list[tuple[_Block, int]]]]:
    """Neighbouring pieces that have comments, or that have none, with their rows together."""
    blocks: list[tuple[_Block, int]] = []
    bare = 0
    for piece, count in zip(pieces, counts, strict=True):
        if not count:
            continue
        if piece.block:
            if bare:
                yield False, bare, []
                bare = 0
            blocks.append((piece.block, count))
        else:
            if blocks:
                yield True, sum(rows for _, rows in blocks), blocks
                blocks = []
            bare += count
    if bare:
        yield False, bare, []
    if blocks:
        yield True, sum(rows for _, rows in blocks), blocks
