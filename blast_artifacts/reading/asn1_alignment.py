"""One alignment of an archive -> where it lies, how long it is, and its scores.

Three kinds of segments: `denseg` (one HSP, neither side translated), `std` (one HSP in pieces, a side
translated), and the lists of `diags`: one ungapped HSP a piece (P66).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from blast_artifacts.reading.asn1_ids import printed_id
from blast_artifacts.reading.asn1_value import Element, Value, integer, members, real, text

_STRANDS = frozenset({b"unknown", b"plus", b"minus", b"both", b"both-rev", b"other"})


class Unfit(Exception):
    """Fields that do not make an alignment together."""


class Piece(NamedTuple):
    """A stretch without gaps; 0-based, `end` exclusive, None on the side that has a gap there."""

    query: tuple[int, int] | None
    subject: tuple[int, int] | None


@dataclass(slots=True)
class Scores:
    """What BLAST says of an HSP beside its place; `coverage` is what it calls `hsp_percent_coverage`.

    `adjusted`: positives were counted by a matrix that was adjusted to the composition of the two sequences.
    """

    score: int | None = None
    evalue: float | None = None
    bits: float | None = None
    identities: int | None = None
    positives: int | None = None
    coverage: float | None = None
    adjusted: bool = False


@dataclass(slots=True)
class Alignment:
    """An HSP: ids as BLAST prints them, pieces in the order of the archive, whether a side is on the minus
    strand."""

    query: str
    subject: str
    scores: Scores
    pieces: Sequence[Piece]
    query_minus: bool
    subject_minus: bool


def scores_of(value: Value) -> Scores:
    """Scores by name; raises Unfit where one is there twice with two values."""
    found = Scores()
    twice: int | None = None
    for _, entry in value if isinstance(value, list) else ():
        fields = members(entry)
        name = (text(fields.get(b"id str")) or b"").decode("ascii", "replace")
        whole, number = integer(fields.get(b"value int")), real(fields.get(b"value real"))
        if name == "score":
            found.score = whole
        elif name == "blast_score":
            twice = whole
        elif name in ("e_value", "sum_e"):
            found.evalue = number
        elif name == "bit_score":
            found.bits = number
        elif name == "num_ident":
            found.identities = whole
        elif name == "num_positives":
            found.positives = whole
        elif name == "hsp_percent_coverage":
            found.coverage = number
        elif name == "comp_adjustment_method":
            found.adjusted = bool(whole)
    if twice is not None and found.score not in (None, twice):
        raise Unfit
    found.score = twice if found.score is None else found.score
    if found.evalue is None and found.bits is None and found.score is None:
        raise Unfit
    return found


def alignment_of(value: list[Element]) -> Alignment:
    """A Seq-align with segments of one HSP; raises Unfit."""
    fields = members(value)
    scores = scores_of(fields.get(b"score"))
    if b"segs denseg" in fields:
        return _dense(members(fields[b"segs denseg"]), scores)
    pieces = fields.get(b"segs std")
    if isinstance(pieces, list) and pieces:
        return _standard([inner for _, inner in pieces], scores)
    raise Unfit


def diagonal_of(value: list[Element]) -> Alignment:
    """One piece of a list of ungapped HSPs; raises Unfit."""
    fields = members(value)
    scores = scores_of(fields.get(b"scores"))
    if b"loc" in fields:
        return _standard([value], scores)
    starts, length = _numbers(fields.get(b"starts")), integer(fields.get(b"len"))
    if length is None or len(starts) != 2:
        raise Unfit
    return _placed(fields, scores, dense_pieces(starts, [length]), _words(fields.get(b"strands")))


def dense_pieces(starts: Sequence[int], lengths: Sequence[int]) -> list[Piece]:
    """The pieces of two rows of starts, -1 where a row has a gap."""
    if len(starts) != 2 * len(lengths):
        raise Unfit
    pieces = []
    for query, subject, length in zip(starts[::2], starts[1::2], lengths, strict=True):
        if length <= 0 or (query < 0 and subject < 0):
            raise Unfit
        pieces.append(
            Piece(
                None if query < 0 else (query, query + length),
                None if subject < 0 else (subject, subject + length),
            )
        )
    return pieces


def _dense(fields: dict[bytes, Value], scores: Scores) -> Alignment:
    starts, lengths = _numbers(fields.get(b"starts")), _numbers(fields.get(b"lens"))
    if integer(fields.get(b"numseg")) != len(lengths):
        raise Unfit
    return _placed(fields, scores, dense_pieces(starts, lengths), _words(fields.get(b"strands")))


def _placed(
    fields: dict[bytes, Value], scores: Scores, pieces: list[Piece], strands: Sequence[bytes]
) -> Alignment:
    query, subject = _pair(fields)
    if strands and len(strands) != 2 * len(pieces):
        raise Unfit
    query_minus, subject_minus = (_minus(set(strands[row::2])) for row in (0, 1))
    return Alignment(query, subject, scores, pieces, query_minus, subject_minus)


def _minus(strands: set[bytes]) -> bool:
    """Whether a side is on the minus strand; raises Unfit where its pieces differ, or name none."""
    if len(strands) > 1 or not strands <= _STRANDS:
        raise Unfit
    return strands == {b"minus"}


def _standard(values: Sequence[Value], scores: Scores) -> Alignment:
    pieces: list[Piece] = []
    strands: list[set[bytes]] = [set(), set()]
    ids: tuple[str, str] | None = None
    for value in values:
        fields = members(value)
        here = _pair(fields)
        ids = ids or here
        locations = fields.get(b"loc")
        if here != ids or not isinstance(locations, list) or len(locations) != 2:
            raise Unfit
        spans = [_span(location, strand) for location, strand in zip(locations, strands, strict=True)]
        if spans == [None, None]:
            raise Unfit
        pieces.append(Piece(spans[0], spans[1]))
    if ids is None:
        raise Unfit
    query_minus, subject_minus = (_minus(found) for found in strands)
    return Alignment(*ids, scores, pieces, query_minus, subject_minus)


def _span(location: Element, strands: set[bytes]) -> tuple[int, int] | None:
    """The interval of one side; None for a gap."""
    words, value = location
    if words.split(b" ", 1)[0] == b"empty":
        return None
    fields = members(value)
    start, end = integer(fields.get(b"from")), integer(fields.get(b"to"))
    if words != b"int" or start is None or end is None or not 0 <= start <= end:
        raise Unfit
    strands.update(name.removeprefix(b"strand ") for name in fields if name.startswith(b"strand "))
    return start, end + 1


def _pair(fields: dict[bytes, Value]) -> tuple[str, str]:
    ids = fields.get(b"ids")
    names = [printed_id(element) for element in ids] if isinstance(ids, list) else []
    if len(names) != 2 or names[0] is None or names[1] is None:
        raise Unfit
    return names[0], names[1]


def _numbers(value: Value) -> list[int]:
    numbers = [integer(token) for _, token in value] if isinstance(value, list) else []
    found = [number for number in numbers if number is not None]
    if len(found) < len(numbers):
        raise Unfit
    return found


def _words(value: Value) -> list[bytes]:
    return [words for words, _ in value] if isinstance(value, list) else []
