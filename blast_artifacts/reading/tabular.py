"""Reader of the tabular formats: outfmt 6, 7, 10 and 20, blastall -m 8 and -m 9, DIAMOND's table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from blast_artifacts.reading.blocks import Block, Piece, Work, headed, stretches
from blast_artifacts.reading.cells import Row, clean_text, read_rows, split_row, table_of
from blast_artifacts.reading.comments import PROCESSED, Comments
from blast_artifacts.reading.damage import broken, reject, warn
from blast_artifacts.reading.detect import COMMENT
from blast_artifacts.reading.hit_table import as_hits, hit_columns
from blast_artifacts.reading.hits import TEXT, Batch, Query, Report, hit_schema
from blast_artifacts.reading.labels import SOURCES, SPECIFIERS, distinct, specifier_of
from blast_artifacts.reading.lines import BOM, regions
from blast_artifacts.reading.outfmt import OutfmtSpec
from blast_artifacts.reading.query_runs import QueryRuns
from blast_artifacts.terms import EndProof, FileState, QueryStatus

_MARKED = re.compile(rb"^(?:\xef\xbb\xbf)?#[^\n]*\n", re.MULTILINE)
_OF_BLAST = re.compile(rb"Warning: \[[a-z]+\] ")
_CONVERGED = b"Search has CONVERGED!"


def read_tabular(
    blocks: Iterable[bytes], spec: OutfmtSpec | None, report: Report, psiblast: bool = False
) -> Iterator[Batch]:
    """Batches of a tabular file; `spec` gives columns and delimiter where the file does not."""
    reader = _Tabular(spec, report, psiblast)
    for text in regions(blocks):
        yield from reader.region(text)
    yield from reader.end()


class _Tabular(Comments):
    """Finds the rows between the comments and makes hits of them."""

    def __init__(self, spec: OutfmtSpec | None, report: Report, psiblast: bool) -> None:
        super().__init__(spec, report)
        self._runs = QueryRuns(report, psiblast)
        self._offset = 0
        self._columns: dict[str, None] = {}
        self._text = b""
        self._tail_cut = False
        self._names_row = b""

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
            line = mark[0].rstrip(b"\r\n").removeprefix(BOM)
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
        work, self._work = self._work, Work()
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

    def _table(self, pieces: list[Piece], work: Work) -> tuple[pl.DataFrame, list[int]]:
        """All rows of the pieces, and how many each gave."""
        text = b"".join(self._text[piece.start : piece.end] for piece in pieces)
        table = None
        if pieces and not self._has_header(text):
            table = read_rows(text, sum(piece.lines for piece in pieces), self._shape)
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

    def _exact(self, piece: Piece, work: Work) -> Iterator[Row]:
        offset = self._offset + piece.start
        for number, text in enumerate(self._text[piece.start : piece.end].split(b"\n")[:-1], piece.line):
            line = text.rstrip(b"\r").removeprefix(BOM)
            if line == _CONVERGED:
                work.converged = True
            elif _OF_BLAST.match(line):
                warn(self._report, "stray_text")
            elif line.strip():
                row = split_row(line, self._shape)
                if row and not self._is_header(line):
                    yield row
                elif not self._is_header(line):
                    reject(self._report, "rejected_rows", offset, number)
            offset += len(text) + 1

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
        self, table: pl.DataFrame, pieces: list[Piece], counts: list[int], work: Work
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
        for commented, count, blocks in stretches(pieces, counts):
            part = hits[row : row + count]
            row += count
            if commented:
                parts.append(headed(part, blocks))
                continue
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
        elif block.found is None and not block.rows:
            unknown = at_end and (self._counting or self._modern)
            query.status = QueryStatus.UNREAD if unknown else QueryStatus.NO_HITS
        elif not block.rows:
            query.status = QueryStatus.NO_HITS
        return query

    def _prove(self) -> None:
        """Proof of the end: the trailer of outfmt 7; other tabular files, NCBI's page too, have none."""
        report = self._report
        if self._in_document and (self._modern or (self._counting and not self._web)):
            report.end_proof = EndProof.MISSING
            broken(report, "end_missing", self._offset)
        elif self._trailers and not self._in_document:
            report.end_proof = EndProof.PROVED
        else:
            warn(report, "end_not_provable")
        if not report.rows and report.rejected and not self._queries:
            report.state, report.reason = FileState.UNSUPPORTED, "columns_differ"
