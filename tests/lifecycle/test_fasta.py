from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from blast_artifacts.lifecycle import fasta
from shared import storage
from shared.errors import AppError


def test_records_and_letters_are_counted() -> None:
    query = fasta.check(">a first\nACGT\nAC\n>b\nacgtn\n", "blastn")
    assert (query.records, query.letters) == (2, 11)


def test_line_ends_blanks_and_a_mark_are_normalised() -> None:
    query = fasta.check("\ufeff>a x y\r\nAC GT\r\n\r\n \t\r\nAC\r\n", "blastn")
    assert query.data == b">a x y\nACGT\nAC\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("ACGT\n", "before the first"),
        (">a\n", "Sequence 1 has no letters"),
        (">a\n>b\nACGT\n", "Sequence 1 has no letters"),
        (">a\nACGT\n>b\n", "Sequence 2 has no letters"),
        (">a\nAC1T\n", "Line 2 has characters that are no nucleotides"),
        (">a\nMKVLQ\n", "no nucleotides"),
        (">a\nAC\x00GT\n", "no nucleotides"),
        (">a\x00b\nACGT\n", "Line 1 has control characters"),
        (">" + "a" * 9000 + "\nACGT\n", "title of over 8192 bytes"),
        ('{"not": "fasta"}', "before the first"),
    ],
)
def test_what_is_no_fasta_is_refused_by_line(text: str, says: str) -> None:
    with pytest.raises(AppError, match=says) as refusal:
        fasta.check(text, "blastn")
    assert refusal.value.status == 422


def test_proteins_are_taken_by_protein_programs() -> None:
    assert fasta.check(">p\nMKVLQ*-x\n", "tblastn").letters == 8


def test_a_refusal_never_quotes_the_sequence() -> None:
    with pytest.raises(AppError) as refusal:
        fasta.check(">secret\nMKV!SECRET\n", "blastp")
    assert "SECRET" not in str(refusal.value).upper().replace("SEQUENCE", "")


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("MAX_FASTA_BYTES", ">a\nACGTACGT\n"),
        ("MAX_FASTA_LETTERS", ">a\nACGTACGT\n"),
        ("MAX_FASTA_RECORDS", ">a\nA\n>b\nA\n>c\nA\n>d\nA\n>e\nA\n>f\nA\n"),
    ],
)
def test_a_query_over_a_limit_is_too_large(setting: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(setting, "5")
    storage.forget()
    with pytest.raises(AppError) as refusal:
        fasta.check(text, "blastn")
    storage.forget()
    assert refusal.value.code == "fasta_too_large"


def line_by_line(text: str) -> tuple[bytes, int, int] | int:
    """What a nucleotide query comes to, one line after the other; the number of the line at fault."""
    kept: list[str] = []
    records = letters = in_record = 0
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        line = line.strip(" \t\r")
        if line.startswith(">"):
            if (records and not in_record) or "\r" in line:
                return number
            records, in_record = records + 1, 0
        elif line:
            line = line.translate(dict.fromkeys(map(ord, " \t\r")))
            if not records or line.strip("ACGT"):
                return number
            in_record, letters = in_record + len(line), letters + len(line)
        if line:
            kept.append(line)
    if not in_record:
        return len(lines) if records else 0
    return "\n".join(kept).encode() + b"\n", records, letters


@bounded(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(">AC \t\r\n\n!"), max_size=30).map(lambda text: text.replace(">!", ">A")))
def test_a_query_is_read_as_it_would_be_line_by_line(text: str) -> None:
    expected = line_by_line(text)
    if isinstance(expected, int):
        with pytest.raises(AppError) as refusal:
            fasta.check(text, "blastn")
        assert refusal.value.extra.get("line", 0) == expected
    else:
        query = fasta.check(text, "blastn")
        assert (query.data, query.records, query.letters) == expected


def test_lines_cost_no_more_than_their_letters() -> None:
    began = time.process_time()
    query = fasta.check(">a\n" + "A\n\n\n" * 2_000_000, "blastn")
    assert (query.letters, len(query.data)) == (2_000_000, 3 + 4_000_000)
    assert time.process_time() - began < 2
