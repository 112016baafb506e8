"""Alignments of an archive -> rows of the hit table, with tabular coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from blast_artifacts.reading.asn1_alignment import Alignment, Piece, Unfit
from blast_artifacts.reading.deflines import hit_table
from blast_artifacts.reading.hit_table import conform

HSP_FIELDS = pl.Schema(
    {
        "score": pl.Float64, "evalue": pl.Float64, "bitscore": pl.Float64, "nident": pl.Int64,
        "positive": pl.Int64, "gaps": pl.Int64, "gapopen": pl.Int64, "length": pl.Int64, "qstart": pl.Int64,
        "qend": pl.Int64, "sstart": pl.Int64, "send": pl.Int64, "qframe": pl.Int64, "sframe": pl.Int64,
        "sstrand": pl.String, "qseq": pl.String, "sseq": pl.String,
    }
)  # fmt: skip
"""Columns of the hit table that are those of an HSP."""

Hsp = tuple[object, ...]
"""The `HSP_FIELDS` of an HSP."""

QFRAME = list(HSP_FIELDS).index("qframe")


@dataclass(frozen=True, slots=True)
class Widths:
    """Letters of a sequence that stand for one letter of the alignment: 3 on a translated side."""

    query: int
    subject: int

    @property
    def translated(self) -> bool:
        """Whether either side is."""
        return self.query + self.subject > 2


_WIDTHS = {
    "blastx": Widths(3, 1), "rpstblastn": Widths(3, 1), "tblastn": Widths(1, 3), "tblastx": Widths(3, 3),
}  # fmt: skip


def widths_of(program: str | None) -> Widths:
    """Which sides a program translates."""
    return _WIDTHS.get(program or "", Widths(1, 1))


@dataclass(frozen=True, slots=True)
class Span:
    """Where one side of an alignment lies; 0-based, `end` exclusive."""

    start: int
    end: int


def span_of(pieces: Sequence[Piece], side: int, minus: bool) -> Span:
    """The range of one side; raises Unfit unless its stretches follow one another."""
    stretches = [piece[side] for piece in pieces] if len(pieces) > 1 else [pieces[0][side]]
    found = [stretch for stretch in stretches if stretch is not None]
    if not found:
        raise Unfit
    if minus:
        found.reverse()
    if any(before[1] != after[0] for before, after in pairwise(found)):
        raise Unfit
    return Span(found[0][0], found[-1][1])


def columns_of(piece: Piece, widths: Widths) -> int:
    """Letters of the alignment in a piece; raises Unfit where its sides do not fit each other."""
    query, subject = piece
    of_query, of_subject = _letters(query, widths.query), _letters(subject, widths.subject)
    if of_query and of_subject and of_query != of_subject:
        raise Unfit
    return of_query or of_subject


def _letters(stretch: tuple[int, int] | None, width: int) -> int:
    if stretch is None:
        return 0
    letters, rest = divmod(stretch[1] - stretch[0], width)
    if rest:
        raise Unfit
    return letters


def hsp_of(
    found: Alignment, widths: Widths, nucleotides: bool, lengths: tuple[int | None, int | None]
) -> Hsp:
    """The row of an alignment without its sequences; `lengths` are those of the whole query and subject.

    Raises Unfit where its fields contradict each other.
    """
    pieces, scores = found.pieces, found.scores
    query = span_of(pieces, 0, found.query_minus)
    subject = span_of(pieces, 1, found.subject_minus)
    if any(
        most is not None and span.end > most for most, span in zip(lengths, (query, subject), strict=True)
    ):
        raise Unfit
    counts = [columns_of(piece, widths) for piece in pieces]
    length = sum(counts)
    gaps, opened = _gaps(pieces, counts) if len(pieces) > 1 else (0, 0)
    same, positives = scores.identities, scores.positives
    if same is not None and not 0 <= same <= length - gaps:
        raise Unfit
    if positives is not None and not (same or 0) <= positives <= length:
        raise Unfit
    if scores.adjusted:
        positives = None
    if nucleotides:
        positives = same if positives is None else positives
        turned = found.query_minus != found.subject_minus
        ends = (query.start + 1, query.end, *_turned(subject, turned))
        frames: tuple[int | None, int | None] = (1, -1 if turned else 1)
        strand = "minus" if turned else "plus"
    else:
        ends = (*_turned(query, found.query_minus), *_turned(subject, found.subject_minus))
        frames = (
            _frame(query, widths.query, found.query_minus, lengths[0]),
            _frame(subject, widths.subject, found.subject_minus, lengths[1]),
        )
        frames = frames if widths.translated else (1, 1)
        strand = None
    score = None if scores.score is None else float(scores.score)
    return (
        score, scores.evalue, scores.bits, same, positives, gaps, opened, length, *ends, *frames, strand,
    )  # fmt: skip


def _gaps(pieces: Sequence[Piece], counts: Sequence[int]) -> tuple[int, int]:
    """Letters beside a gap, and how many gaps there are."""
    letters, opened = 0, 0
    before = None
    for piece, count in zip(pieces, counts, strict=True):
        side = 0 if piece.query is None else 1 if piece.subject is None else None
        if side is not None:
            letters += count
            opened += side != before
        before = side
    return letters, opened


def _turned(span: Span, minus: bool) -> tuple[int, int]:
    """1-based ends, the minus strand by order."""
    return (span.end, span.start + 1) if minus else (span.start + 1, span.end)


def _frame(span: Span, width: int, minus: bool, length: int | None) -> int | None:
    """The reading frame of a translated side, 0 for the other; null on the minus strand of unknown length."""
    if width == 1:
        return 0
    if not minus:
        return span.start % 3 + 1
    return None if length is None else -((length - span.end) % 3 + 1)


class Rows:
    """HSPs in order with the subjects that they belong to, until they are given out.

    `too_large`: a number of one that was given out is beyond all doubles.
    """

    def __init__(self) -> None:
        self._hsps: list[Hsp] = []
        self._hits: list[tuple[object, ...]] = []
        self._counts: list[int] = []
        self.letters = 0
        self.too_large = False

    def __len__(self) -> int:
        return len(self._hsps)

    def open(self, hit: tuple[object, ...]) -> None:
        """What comes now belongs to this subject, whose `HIT_FIELDS` these are."""
        self._hits.append(hit)
        self._counts.append(0)

    def add(self, hsp: Hsp, qseq: str | None = None, sseq: str | None = None) -> None:
        """The next HSP of the last subject."""
        self._hsps.append((*hsp, qseq, sseq))
        self._counts[-1] += 1
        self.letters += 2 * len(qseq or "")

    def take(self) -> pl.DataFrame:
        """The hit table of all that waits; the last subject goes on."""
        lengths = pl.Series(self._counts, dtype=pl.UInt32)
        place = pl.Series(range(len(self._hits)), dtype=pl.UInt32)
        place = place.repeat_by(lengths).explode(empty_as_null=False)
        subjects = hit_table(self._hits)[place]
        columns = zip(*self._hsps, strict=True)
        hsps = pl.DataFrame(
            [
                pl.Series(name, values, dtype=kind)
                for (name, kind), values in zip(HSP_FIELDS.items(), columns, strict=True)
            ]
        )
        self._hsps, self._hits, self._counts = [], self._hits[-1:], [0] * len(self._hits[-1:])
        self.letters = 0
        length, same, gaps = pl.col("length"), pl.col("nident"), pl.col("gaps")
        reals = pl.col(pl.Float64)
        self.too_large |= any(hsps.select(reals.is_infinite().any()).row(0))
        hsps = hsps.with_columns(
            pl.when(reals.is_finite()).then(reals),
            (100.0 * same / length).alias("pident"),
            (length - same - gaps).alias("mismatch"),
            (100.0 * pl.col("positive") / length).alias("ppos"),
        )
        return conform(pl.concat([subjects, hsps], how="horizontal"))
