"""The query of a submitted job: FASTA, checked before anything is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, pairwise

from shared.errors import AppError
from shared.settings import settings
from shared.words import counted

_NUCLEOTIDES = b"ACGTUNRYSWKMBDHVacgtunryswkmbdhv-"
_RESIDUES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-"
_NUCLEOTIDE_QUERIES = frozenset({"blastn", "blastx", "tblastx"})
_BLANKS = b" \t\r"
# One match a record, not one object a line: a query of 16 MB may have eight million lines.
_TITLE = re.compile(rb"^[ \t\r]*>[^\n]*", re.MULTILINE)
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_LINE_FEEDS = re.compile(rb"\n{2,}")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST_DEFLINE = 8192


@dataclass(frozen=True)
class Fasta:
    """A checked query: normalised bytes (line feeds, no blank lines), sequences and letters."""

    data: bytes
    records: int
    letters: int


def check(text: str, program: str) -> Fasta:
    """The query, if it is FASTA with letters that the program takes; raises AppError.

    The detail names the 1-based line at fault and never quotes it: it may hold a sequence.
    """
    data = text.removeprefix("\ufeff").encode()
    if len(data) > settings().max_fasta_bytes:
        raise AppError("fasta_too_large", f"The query is over {settings().max_fasta_bytes} bytes.")
    alphabet = _NUCLEOTIDES if program in _NUCLEOTIDE_QUERIES else _RESIDUES
    kept = bytearray()
    records = letters = 0
    for title, following in pairwise(chain(_TITLE.finditer(data), [None])):
        if title is None:
            break
        if not records:
            _refuse_before(data, title.start())
        end = following.start() if following else len(data)
        _refuse_title(data, title)
        sequence = data[title.end() : end]
        bare = sequence.translate(None, _BLANKS + b"\n")
        if bare.translate(None, alphabet):
            _refuse_letters(data, title.end(), sequence, alphabet)
        records, letters = records + 1, letters + len(bare)
        if not bare:
            number = _line(data, end)
            sentence = f"Sequence {records} has no letters (before line {number})."
            raise AppError("invalid_fasta", sentence, line=number)
        _refuse_size(records, letters)
        lines = _LINE_FEEDS.sub(b"\n", sequence.translate(None, _BLANKS)).strip(b"\n")
        kept += title[0].strip(_BLANKS) + b"\n" + lines + b"\n"
    if not records:
        _refuse_before(data, len(data))
        raise AppError("invalid_fasta", "The query is empty.")
    return Fasta(bytes(kept), records, letters)


def _line(data: bytes, place: int) -> int:
    """The 1-based number of the line at that place."""
    return data.count(b"\n", 0, place) + 1


def _refuse_before(data: bytes, end: int) -> None:
    if stray := _NOT_BLANK.search(data, 0, end):
        number = _line(data, stray.start())
        raise AppError("invalid_fasta", f"Line {number} stands before the first '>' line.", line=number)


def _refuse_title(data: bytes, title: re.Match[bytes]) -> None:
    line = title[0].strip(_BLANKS)
    if len(line) > _LONGEST_DEFLINE:
        number = _line(data, title.start())
        sentence = f"Line {number} is a title of over {_LONGEST_DEFLINE} bytes."
        raise AppError("invalid_fasta", sentence, line=number)
    if _CONTROL.search(line):
        number = _line(data, title.start())
        raise AppError("invalid_fasta", f"Line {number} has control characters.", line=number)


def _refuse_letters(data: bytes, start: int, sequence: bytes, alphabet: bytes) -> None:
    kind = "nucleotides" if alphabet is _NUCLEOTIDES else "amino acids"
    wrong = re.compile(b"[^" + re.escape(alphabet + _BLANKS + b"\n") + b"]").search(sequence)
    number = _line(data, start + wrong.start()) if wrong else 0
    raise AppError("invalid_fasta", f"Line {number} has characters that are no {kind}.", line=number)


def _refuse_size(records: int, letters: int) -> None:
    if records > settings().max_fasta_records:
        most = counted(settings().max_fasta_records, "sequence")
        raise AppError("fasta_too_large", f"The query has over {most}.")
    if letters > settings().max_fasta_letters:
        most = counted(settings().max_fasta_letters, "letter")
        raise AppError("fasta_too_large", f"The query has over {most}.")
