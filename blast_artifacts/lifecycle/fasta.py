"""The query of a submitted job: FASTA, checked before anything is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import AppError
from shared.settings import settings

_NUCLEOTIDES = b"ACGTUNRYSWKMBDHVacgtunryswkmbdhv-"
_RESIDUES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-"
_NUCLEOTIDE_QUERIES = frozenset({"blastn", "blastx", "tblastx"})
_BLANKS = b" \t\r"
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
    lines: list[bytes] = []
    records = letters = in_record = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        line = line.strip(_BLANKS)
        if not line:
            continue
        if line.startswith(b">"):
            _refuse_empty(records, in_record, number)
            _refuse_defline(line, number)
            records, in_record = records + 1, 0
        else:
            line = line.translate(None, _BLANKS)
            _refuse_letters(line, alphabet, records, number)
            in_record += len(line)
            letters += len(line)
        lines.append(line)
    if not records:
        raise AppError("invalid_fasta", "The query is empty.")
    _refuse_empty(records, in_record, number)
    _refuse_size(records, letters)
    return Fasta(b"\n".join(lines) + b"\n", records, letters)


def _refuse_empty(records: int, in_record: int, number: int) -> None:
    if records and not in_record:
        raise AppError(
            "invalid_fasta", f"Sequence {records} has no letters (before line {number}).", line=number
        )


def _refuse_defline(line: bytes, number: int) -> None:
    if len(line) > _LONGEST_DEFLINE:
        sentence = f"Line {number} is a title of over {_LONGEST_DEFLINE} bytes."
        raise AppError("invalid_fasta", sentence, line=number)
    if _CONTROL.search(line):
        raise AppError("invalid_fasta", f"Line {number} has control characters.", line=number)


def _refuse_letters(line: bytes, alphabet: bytes, records: int, number: int) -> None:
    if not records:
        raise AppError("invalid_fasta", f"Line {number} stands before the first '>' line.", line=number)
    if line.translate(None, alphabet):
        kind = "nucleotides" if alphabet is _NUCLEOTIDES else "amino acids"
        raise AppError("invalid_fasta", f"Line {number} has characters that are no {kind}.", line=number)


def _refuse_size(records: int, letters: int) -> None:
    if records > settings().max_fasta_records:
        raise AppError("fasta_too_large", f"The query has over {settings().max_fasta_records} sequences.")
    if letters > settings().max_fasta_letters:
        raise AppError("fasta_too_large", f"The query has over {settings().max_fasta_letters} letters.")
