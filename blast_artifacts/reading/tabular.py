"""Reader of the tabular formats: outfmt 6, 7, 10 and 20, blastall -m 8 and -m 9, DIAMOND's table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import polars as pl

from blast_artifacts.reading.blocks import Block, Piece, Work, headed, stretches, without_strangers
from blast_artifacts.reading.cells import (
    Row,
    Shape,
    all_fit_std,
    clean_text,
    fits_std,
    read_rows,
    split_row,
    table_of,
)
from blast_artifacts.reading.comments import PROCESSED, Comments
from blast_artifacts.reading.damage import BLAST_SAYS, CONVERGED, broken, reject, warn
from blast_artifacts.reading.detect import COMMENT, find_marked_up
from blast_artifacts.reading.hit_table import as_hits, hit_columns
from blast_artifacts.reading.hits import TEXT, Batch, Query, Report, hit_schema
from blast_artifacts.reading.labels import SOURCES, SPECIFIERS, distinct, specifier_of
from blast_artifacts.reading.lines import BOM, Regions, marked_lines
from blast_artifacts.reading.outfmt import STD, OutfmtSpec
from blast_artifacts.reading.query_runs import QueryRuns
from blast_artifacts.reading.stream import Stream
from blast_artifacts.terms import EndProof, FileState, QueryStatus

_Table = tuple[Shape, pl.DataFrame]


def read_tabular(
    stream: Stream, spec: OutfmtSpec | None, report: Report, ordinal: int = 0, psiblast: bool = False
) -> Iterator[Batch]:
    """Batches of a tabular file; `spec` gives columns and delimiter where the file does not.

    The first query gets this ordinal.
    """
    reader = _Tabular(spec, report, ordinal, psiblast)
    regions = Regions(stream)
    for text in regions:
        behind = find_marked_up(text)
        yield from reader.region(text[:behind] if behind >= 0 else text)
        if behind >= 0:
            stream.put_back(text[behind:] + regions.held, reader.lines)
            break
    yield from reader.end()


class _Tabular(Comments):
    """Finds the rows between the comments and makes hits of them."""

    def __init__(self, spec: OutfmtSpec | None, report: Report, ordinal: int, psiblast: bool) -> None:
        super().__init__(spec, report, ordinal)
        self._runs = QueryRuns(report, psiblast)
        self._offset = 0
        self._columns: dict[str, None] = {}
        self._text = b""
        self._tail_cut = False
        self._names_row = b""
        self._bare = False
        self._uncounted = False
        self._before = self._shape
        std = [Shape(STD, delimiter) for delimiter in (b"\t", b",")]
        self._bare_shapes = [*([self._shape] if self._asked else []), *std]

    @property
    def lines(self) -> int:
        """Line ends that were read."""
        return self._line - 1

    def region(self, text: bytes) -> Iterator[Batch]:
        """Read one region: whole lines, but for the last of the file."""
        if self._offset == 0 and text.startswith(BOM):
            self._offset = len(BOM)
            text = text[len(BOM) :]
        whole = text.rfind(b"\n") + 1
        self._text = text
        position = 0
        for start, end in marked_lines(text, whole):
            line = text[start:end].rstrip(b"\r\n").removeprefix(BOM)
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
        self._work = Work()
        last = self._runs.close()
        if self._report.state is FileState.TRUNCATED and self._report.rejected and last and self._tail_cut:
            last[0].status = QueryStatus.PARTIAL
        self._prove()
        self._report.columns = tuple(name for name in hit_schema() if name in self._columns)
        yield Batch(hit_schema().to_frame(), ended + last)

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

    # -- rows ----------------------------------------------------------------------------------------------

    def _take(self, start: int, end: int) -> None:
        if start < end:
            lines = self._text.count(b"\n", start, end)
            self._work.pieces.append(Piece(start, end, lines, self._line, self._block))
            self._line += lines

    def _cut_line(self, line: bytes, offset: int) -> Iterator[Batch]:
        """The last line of the file without its line end: a row there may be cut in mid-number (P15)."""
        if PROCESSED.fullmatch(line):
            yield from self._comment(line, offset)
        elif line == CONVERGED:
            self._work.converged |= self._block is None
        elif line.strip():
            if COMMENT.match(line) or line.startswith(b"# "):
                broken(self._report, "cut_line", offset)
            else:
                reject(self._report, "cut_line", offset, self._line)
            self._tail_cut = True

    def _give(self) -> Iterator[Batch]:
        """The rows and the queries found so far as a batch."""
        work, self._work = self._work, Work()
        pieces = [piece for piece in work.pieces if piece.lines]
        tables, counts = self._tables(pieces, work)
        hits, ended = self._hits(tables, pieces, counts, work)
        queries = [*ended, *(self._settle(block) for block in work.ended)]
        self._report.rows += hits.height
        if hits.height or queries:
            yield Batch(hits, sorted(queries, key=lambda query: query.index))

    def _give_bare(self) -> Iterator[Batch]:
        """What stands before a document with comments, if its rows have none: their queries come first."""
        if self._runs.is_open or any(piece.block is None and piece.lines for piece in self._work.pieces):
            yield from self._give()
            yield Batch(hit_schema().to_frame(), self._runs.close())

    def _tables(self, pieces: list[Piece], work: Work) -> tuple[list[_Table], list[int]]:
        """All rows of the pieces, as tables of neighbours with the same columns; how many each piece gave."""
        text = b"".join(self._text[piece.start : piece.end] for piece in pieces)
        lines = sum(piece.lines for piece in pieces)
        bare = all(piece.block is None for piece in pieces)
        if pieces and not self._has_header(text):
            for shape in (self._shape, *(self._others if bare else ())):
                if shape is not self._shape and not self._apart(text, shape):
                    continue
                table = read_rows(text, lines, shape)
                if table is not None and (shape is self._shape or shape.columns != STD or all_fit_std(table)):
                    self._before = shape
                    return [(shape, table)], [piece.lines for piece in pieces]
        rows: list[tuple[Shape, Row]] = []
        counts = []
        for piece in pieces:
            before = len(rows)
            rows.extend(self._exact(piece, work))
            counts.append(len(rows) - before)
        if any(row.latin1 for _, row in rows):
            warn(self._report, "encoding_latin1")
        if any(row.ambiguous for _, row in rows):
            warn(self._report, "ambiguous_text")
        if any(row.too_large for _, row in rows):
            warn(self._report, "numbers_too_large")
        runs = groupby(rows, key=lambda pair: pair[0])
        return [(shape, table_of([row for _, row in run], shape)) for shape, run in runs], counts

    def _exact(self, piece: Piece, work: Work) -> Iterator[tuple[Shape, Row]]:
        offset = self._offset + piece.start
        texts = self._text[piece.start : piece.end].split(b"\n")[:-1]
        shape = self._before if piece.block is None else self._shape
        for place, text in enumerate(texts):
            line = text.rstrip(b"\r").removeprefix(BOM)
            if line == CONVERGED:
                work.converged |= piece.block is None
            elif BLAST_SAYS.match(line):
                warn(self._report, "stray_text")
            elif line.strip() and not self._is_header(line):
                following = texts[place + 1 : place + 2]
                shape, row = self._row(line, shape if piece.block is None else None, following)
                if row:
                    yield shape, row
                else:
                    reject(self._report, "rejected_rows", offset, piece.line + place)
            offset += len(text) + 1
        self._before = shape

    def _row(self, line: bytes, before: Shape | None, following: list[bytes]) -> tuple[Shape, Row | None]:
        """A row and its columns: where it has no comments, those that it has cells for without one too many.

        `before`: the columns of the row before it, None under comments.
        """
        row = split_row(line, self._shape)
        if before is None or (row and not row.soaked):
            return self._shape, row
        shape = self._other_shape(line, before, following, crowded=row is not None)
        other = split_row(line, shape) if shape is not self._shape else None
        return (shape, other) if other and not (row and other.soaked) else (self._shape, row)

    def _apart(self, text: bytes, shape: Shape) -> bool:
        """Whether no line of these could have the cells of the table, and the first has those of `shape`."""
        asked = self._shape
        if shape.delimiter == asked.delimiter:
            apart = len(shape.columns) != len(asked.columns)
        else:
            apart = len(asked.columns) > 1 and asked.delimiter not in text
        return apart and _fits(text[: text.find(b"\n")].rstrip(b"\r"), shape)

    def _other_shape(self, line: bytes, before: Shape, following: list[bytes], crowded: bool) -> Shape:
        """The columns of a row without comments that are not those of the table: another was joined to it.

        A lone row of the same delimiter is rather one that lost cells, unless it is `crowded`: has too many.
        """
        for shape in self._others:
            if not _fits(line, shape):
                continue
            alike = shape is before or any(_fits(text.rstrip(b"\r"), shape) for text in following)
            if alike or crowded or self._trailers or shape.delimiter != self._shape.delimiter:
                return shape
        return self._shape

    @property
    def _others(self) -> list[Shape]:
        """Columns that rows without comments may have besides those of the table."""
        return [shape for shape in self._bare_shapes if shape != self._shape]

    def _has_header(self, text: bytes) -> bool:
        """Whether a row of column names could pass for one of text."""
        if any(kind != TEXT for kind in self._shape.kinds):
            return False
        first = text[: text.find(b"\n")].rstrip(b"\r")
        self._names_row = first if self._is_header(first) else self._names_row
        return bool(self._names_row) and self._names_row in text

    def _is_header(self, line: bytes) -> bool:
        """A row of column names (outfmt 20), which may come again where files were joined."""
        cells = clean_text(line)[0].split(self._shape.delimiter.decode())
        return len(cells) > 1 and distinct(map(specifier_of, cells)) == self._shape.columns

    def _hits(
        self, tables: list[_Table], pieces: list[Piece], counts: list[int], work: Work
    ) -> tuple[pl.DataFrame, list[Query]]:
        tables = [(shape, table) for shape, table in tables if table.height]
        if not tables:
            return hit_schema().to_frame(), []
        hits = pl.concat([as_hits(table) for _, table in tables])
        names = {name for shape, _ in tables for name in shape.columns}
        for shape, _ in tables:
            self._columns |= dict.fromkeys(hit_columns(shape.columns))
        if any(name not in SPECIFIERS for name in names):
            warn(self._report, "unknown_columns")
        if "bitscore" in self._columns:
            warn(self._report, "scores_rounded")
        if names.isdisjoint(SOURCES["qseqid"]) and not any(piece.block for piece in pieces):
            return hits, []
        if any(piece.block for piece in pieces):
            parted = without_strangers(pieces, counts, hits["qseqid"])
            if len(parted[0]) > len(pieces):
                broken(self._report, "comments_missing", self._offset)
            pieces, counts = parted
        parts, ended, row = [], [], 0
        for commented, count, blocks in stretches(pieces, counts):
            part = hits[row : row + count]
            row += count
            if commented:
                parts.append(headed(part, blocks))
                continue
            self._bare = True
            part, gone = self._runs.number(part, self._queries, work.converged)
            self._queries = max(self._queries, int(part["qindex"].max() or 0) + 1)  # type: ignore[arg-type]
            parts.append(part)
            ended += gone
        return pl.concat(parts), ended

    # -- ends ----------------------------------------------------------------------------------------------

    def _settle(self, block: Block) -> Query:
        """A query that was left: whether all of its rows came."""
        query = block.query
        at_end = not self._text
        if block.found is not None and block.rows < block.found:
            query.status = QueryStatus.PARTIAL if block.rows else QueryStatus.UNREAD
            broken(self._report, "hits_missing", self._offset)
        elif block.found is not None and block.rows > block.found:
            warn(self._report, "hits_found_differ")
        elif block.found is None and block.counted and (block.rows or block.labelled):
            self._uncounted = True
            if not block.rows:
                query.status = QueryStatus.UNREAD
        elif block.found is None and not block.rows:
            unknown = at_end and (self._counting or self._modern)
            query.status = QueryStatus.UNREAD if unknown else QueryStatus.NO_HITS
        elif not block.rows:
            query.status = QueryStatus.NO_HITS
        return query

    def _prove(self) -> None:
        """Proof of the end: the trailer of outfmt 7; other tabular files, NCBI's page too, have none."""
        report = self._report
        if self._uncounted and self._counting:
            # Elsewhere the program says how many rows it found.
            broken(report, "comments_missing", self._offset)
        if self._in_document and (self._modern or (self._counting and not self._web)):
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", self._offset)
        elif self._trailers and not self._in_document and not self._bare:
            report.end_proof = EndProof.PROVED
        else:
            warn(report, "end_not_provable")
        if not report.rows and report.rejected and self._queries == self._first:
            report.state, report.reason = FileState.UNSUPPORTED, "columns_differ"


def _fits(line: bytes, shape: Shape) -> bool:
    """Whether a line is plainly a row with these columns."""
    if shape.columns == STD:
        # A tab in a line with commas: the rest of another row stands before it.
        return fits_std(line.split(shape.delimiter)) and (shape.delimiter == b"\t" or b"\t" not in line)
    return len(shape.columns) > 1 and split_row(line, shape) is not None
