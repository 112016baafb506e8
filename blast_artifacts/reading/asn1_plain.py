"""Alignments written exactly as BLAST+ writes them, each by one match; all others take the exact road."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from blast_artifacts.reading.asn1_alignment import Alignment, Piece, Scores, Unfit, dense_pieces
from blast_artifacts.reading.asn1_ids import printed_id
from blast_artifacts.reading.asn1_value import Cut, Malformed, parse

_PARTS = {
    b"INT": rb"(-?\d{1,18})",
    b"PLACE": rb"(\d{1,18})",
    b"ANY": rb"\d++",
    b"REAL": rb"real \{ (-?\d{1,17}), 10, (-?\d{1,4}) \}",
    b"ID": rb"([a-z][a-z -]*+(?:\"(?:[^\"\0]|\"\")*+\"|\d++|\{(?:[^{}\"\0]++|\"(?:[^\"\0]|\"\")*+\")*+\}))",
    b"LIST": rb"([-\d,\s]++)",
    b"STRAND": rb"(plus|minus|unknown)",
}
"""What stands for these words in a layout."""

_MORE = rb"((?:,\s*+(?:plus|minus|unknown))*+)"


def _layout(text: str, depth: int, *captured: bytes) -> bytes:
    """The pattern of a layout that begins `depth` braces deep, with each value on a line of its own.

    `@` stands for what is `captured`, in order.
    """
    pattern = b""
    for word in re.findall(rb" ?\}|\{ ?|, ?| |[^ {},]+", text.encode()):
        mark = word.strip()
        depth += (mark == b"{") - (mark == b"}")
        line = rb"\r?\n" + b" " * (2 * depth) if b" " in word and mark else b""
        escaped = b"\\" + mark if mark in (b"{", b"}") else mark or word
        pattern += line + escaped if mark == b"}" else escaped + line
    pattern = re.sub(rb"(?<!\\)[A-Z]{2,}", lambda word: _PARTS[word[0]], pattern)
    pieces = pattern.split(b"@")
    return b"".join(piece + part for piece, part in zip(pieces, (*captured, b""), strict=True))


def _maybe(pattern: bytes) -> bytes:
    return b"(?:" + pattern + b")?"


def _unnamed(pattern: bytes) -> bytes:
    """The pattern without its groups."""
    return re.sub(rb"(?<!\\)\((?!\?)", b"(?:", pattern)


def _scores(depth: int) -> bytes:
    """The list of scores, whose entries are so many braces deep."""

    def score(name: str, value: str) -> bytes:
        return _layout(f', {{ id str "{name}", value {value} }}', depth)

    entries = (
        score("score", "int INT").removeprefix(b","),
        score("blast_score", "int INT"),
        b"(?:" + score("sum_n", "int ANY") + score("sum_e", "REAL") + b"|" + score("e_value", "REAL") + b")",
        score("bit_score", "REAL"),
        score("num_ident", "int INT"),
        _maybe(score("comp_adjustment_method", "int INT")),
        _maybe(score("num_positives", "int INT")),
        _maybe(score("hsp_percent_coverage", "REAL")),
    )
    return rb"\{" + b"".join(entries) + _layout(" }", depth)


def _piece(depth: int) -> bytes:
    """The beginning of a `std` segment that is so many braces deep, up to its locations."""
    interval = _layout(
        "int { from PLACE, to PLACE, strand STRAND, id @ }", depth + 2, _unnamed(_PARTS[b"ID"])
    )
    location = b"(?:" + interval + b"|empty " + _unnamed(_PARTS[b"ID"]) + b")"
    return _layout("{ dim 2, ids { ID, ID }, loc { @, @ }", depth, location, location)


_LIST, _DEEP = 3, 5
"""How deep the lists of alignments and of diagonals stand."""

_END = _maybe(b",")
_ALIGNMENT = _layout("@{ type partial, dim 2, score @, segs ", _LIST, rb"\r?\n {6}", _scores(_LIST + 2))
_STRANDS = rb"\s++", _MORE, rb"\s++"
_DENSE = re.compile(
    _ALIGNMENT
    + _layout(
        "denseg { dim 2, numseg PLACE, ids { ID, ID }, starts {LIST}, lens {LIST},"
        " strands {@STRAND, STRAND@@} } }",
        _LIST + 1,
        *_STRANDS,
    )
    + _END
)
_PIECES = (
    _unnamed(_piece(_LIST + 2)) + _layout(" }", _LIST + 3),
    _layout(", ", _LIST + 2) + _unnamed(_piece(_LIST + 2)) + _layout(" }", _LIST + 3),
)
_STANDARD = re.compile(
    _ALIGNMENT + _layout("std { @ } }", _LIST + 1, b"(" + _PIECES[0] + b"(?:" + _PIECES[1] + b")*+)") + _END
)
_OF_STANDARD = re.compile(_piece(_LIST + 2))
_DIAGONAL = re.compile(
    _layout(
        "@{ dim 2, ids { ID, ID }, starts { PLACE, PLACE }, len PLACE, strands {@STRAND, STRAND@@},"
        " scores @ }",
        _DEEP,
        rb"\r?\n {10}",
        *_STRANDS,
        _scores(_DEEP + 2),
    )
    + _END
)
_TRANSLATED = re.compile(
    rb"\r?\n {10}" + _piece(_DEEP) + _layout(", scores @ }", _DEEP + 1, _scores(_DEEP + 2)) + _END
)

Match = re.Match[bytes]
Plain = tuple[re.Pattern[bytes], Callable[[Match], Alignment]]


@lru_cache(maxsize=65_536)
def _name(raw: bytes) -> str:
    try:
        ((words, value),), _ = parse(raw + b"}", 0, len(raw) + 2)
    except (Cut, Malformed, ValueError):
        raise Unfit from None
    name = printed_id((words, value))
    if name is None:
        raise Unfit
    return name


def _read_scores(cells: tuple[bytes, ...]) -> Scores:
    score, again, sum_m, sum_e, own_m, own_e, bits_m, bits_e, same, adjusted, positives, cover_m, cover_e = (
        cells
    )
    if score != again:
        raise Unfit
    evalue = float(b"%be%b" % ((own_m, own_e) if own_m else (sum_m, sum_e)))
    return Scores(
        int(score),
        evalue,
        float(b"%be%b" % (bits_m, bits_e)),
        int(same),
        int(positives) if positives else None,
        float(b"%be%b" % (cover_m, cover_e)) if cover_m else None,
        adjusted not in (b"", None, b"0"),
    )


def _integers(listed: bytes) -> list[int]:
    try:
        return [int(text) for text in listed.split(b",")]
    except ValueError:
        raise Unfit from None


def _dense(found: Match) -> Alignment:
    cells = found.groups()
    count, query, subject, starts, lengths, query_strand, subject_strand, more = cells[13:]
    begins, ends = _integers(starts), _integers(lengths)
    if int(count) != len(ends) or more.count(b",") != 2 * len(ends) - 2:
        raise Unfit
    return Alignment(
        _name(query),
        _name(subject),
        _read_scores(cells[:13]),
        dense_pieces(begins, ends),
        query_strand == b"minus",
        subject_strand == b"minus",
    )


def _standard(found: Match) -> Alignment:
    cells = found.groups()
    return _pieced(_OF_STANDARD.findall(cells[13]), _read_scores(cells[:13]))


def _translated(found: Match) -> Alignment:
    cells = found.groups()
    return _pieced([cells[:8]], _read_scores(cells[8:]))


def _diagonal(found: Match) -> Alignment:
    cells = found.groups()
    query, subject, query_start, subject_start, length, query_strand, subject_strand, more = cells[:8]
    if more:
        raise Unfit
    pieces = dense_pieces([int(query_start), int(subject_start)], [int(length)])
    minus = query_strand == b"minus", subject_strand == b"minus"
    return Alignment(_name(query), _name(subject), _read_scores(cells[8:]), pieces, *minus)


def _pieced(pieces: list[tuple[bytes, ...]], scores: Scores) -> Alignment:
    query, subject = pieces[0][:2]
    stretches = []
    strands: tuple[set[bytes], set[bytes]] = (set(), set())
    for piece in pieces:
        if piece[:2] != (query, subject):
            raise Unfit
        sides: list[tuple[int, int] | None] = []
        for side, (start, end, strand) in enumerate((piece[2:5], piece[5:8])):
            sides.append((int(start), int(end) + 1) if start else None)
            if start:
                strands[side].add(strand)
        stretches.append(Piece(*sides))
    if len(strands[0]) > 1 or len(strands[1]) > 1:
        raise Unfit
    minus = strands[0] == {b"minus"}, strands[1] == {b"minus"}
    return Alignment(_name(query), _name(subject), scores, stretches, *minus)


PLAIN: dict[str, tuple[Plain, ...]] = {
    "alignments": ((_DENSE, _dense), (_STANDARD, _standard)),
    "diagonals": ((_DIAGONAL, _diagonal), (_TRANSLATED, _translated)),
}
"""Patterns of the values in both lists, each with what makes an alignment of a match."""
