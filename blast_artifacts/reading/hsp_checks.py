"""Whether the fields of an HSP fit each other: damage often leaves two halves of different ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from operator import itemgetter

import polars as pl

from blast_artifacts.reading.deflines import HIT_FIELDS
from blast_artifacts.reading.hsp_table import NUMBERS

_NEEDED = ("bit_score", "evalue", "query_from", "query_to", "hit_from", "hit_to", "qseq", "hseq")
_COMPARED = (
    "qseq", "hseq", "midline", "align_len", "gaps", "identity", "query_from", "query_to", "hit_from",
    "hit_to",
)  # fmt: skip
INTEGER = re.compile(rb"[+-]?\d{1,18}")
_REAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_QLEN, _SLEN = (list(HIT_FIELDS).index(name) for name in ("qlen", "slen"))
_FORMS = {name: INTEGER if kind == pl.Int64 else _REAL for name, kind in NUMBERS.items()}


class Verdict(Enum):
    """What became of an HSP."""

    KEPT = "kept"
    AFTER_LOSS = "after_loss"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


def well_formed(cells: Mapping[str, bytes]) -> bool:
    """Whether an HSP has all that it must have, and numbers where they must be."""
    if any(cells.get(name) and not form.fullmatch(cells[name]) for name, form in _FORMS.items()):
        return False
    number = cells.get("num", b"").strip()
    return all(cells.get(name) for name in _NEEDED) and (not number or bool(INTEGER.fullmatch(number)))


def compared(fields: Sequence[str]) -> Callable[[Sequence[bytes]], tuple[bytes, ...]]:
    """What takes from the cells of these fields those that `agrees` compares."""
    return itemgetter(*(fields.index(name) for name in _COMPARED))


def agrees(cells: tuple[bytes, ...], by_blast_plus: bool) -> bool | None:
    """Whether coordinates, length and gaps fit the sequences (else None), and the midline too.

    The cells are those that `compared` takes; `by_blast_plus`: the writer leaves no field out.
    """
    qseq, hseq, midline, length, gaps, identity, query_from, query_to, hit_from, hit_to = cells
    letters = len(qseq)
    if letters != len(hseq) or (length and int(length) != letters):
        return None
    query_gaps, hit_gaps = qseq.count(b"-"), hseq.count(b"-")
    if gaps and int(gaps) != query_gaps + hit_gaps:
        return None
    if not identity and by_blast_plus:
        return None
    # Frame shifts, which DIAMOND writes as slashes, break the sum.
    if b"/" not in qseq and b"\\" not in qseq:
        query_span = abs(int(query_to) - int(query_from)) + 1
        hit_span = abs(int(hit_to) - int(hit_from)) + 1
        if query_span != letters - query_gaps and query_span != 3 * (letters - query_gaps):
            return None
        if hit_span != letters - hit_gaps and hit_span != 3 * (letters - hit_gaps):
            return None
    return not midline or len(midline) == letters


def _marks(midline: bytes) -> int:
    """The columns that are identical, as the midline marks them: by a bar, or by the letter itself."""
    return len(midline) - midline.count(b" ") - midline.count(b"+")


def nearly_whole(values: Mapping[str, bytes]) -> bool:
    """Whether a broken HSP lacks or garbles one field only; two halves of different HSPs differ in more."""
    length = values.get("align_len", b"").strip()
    if len(values) < len(NUMBERS) - 1 or not INTEGER.fullmatch(length):
        return len(values) >= len(NUMBERS) + 2
    midline, identity = values.get("midline", b""), values.get("identity", b"").strip()
    fits = len(midline) == int(length) and INTEGER.fullmatch(identity)
    if fits and int(identity) != _marks(midline):
        return False
    texts = [values.get(name, b"") for name in ("qseq", "hseq", "midline")]
    return sum(len(text) != int(length) for text in texts) <= 1


def may_follow(
    cells: Sequence[bytes], at: Mapping[str, int], hit: Sequence[object], best: Sequence[bytes]
) -> bool:
    """Whether an HSP behind a break can be one of a hit, by its ends and by the order of E values.

    `best` is the first HSP of the hit or, before that, the query's last hit: a list that begins anew is
    another's.
    """
    lengths = (hit[_QLEN], "query_to"), (hit[_SLEN], "hit_to")
    if any(isinstance(most, int) and int(cells[at[name]]) > most for most, name in lengths):
        return False
    return not best or float(cells[at["evalue"]]) >= float(best[at["evalue"]])
