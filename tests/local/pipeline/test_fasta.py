from __future__ import annotations

from local.pipeline import sample
from local.pipeline.fasta import BATCH_LETTERS, letters, records, split


def sequence(name: str, length: int) -> str:
    return f">{name}\n{'A' * length}\n"


def test_batches_hold_whole_sequences_up_to_the_batch_length() -> None:
    most = BATCH_LETTERS["tblastn"]
    one, two, three = (sequence(name, most // 2) for name in "abc")
    assert split(one + two + three, "tblastn") == [one + two, three]


def test_a_sequence_longer_than_a_batch_stands_alone() -> None:
    most = BATCH_LETTERS["blastp"]
    short, long = sequence("short", 5), sequence("long", most + 1)
    assert split(short + long + short, "blastp") == [short, long, short]


def test_a_very_long_query_gets_longer_batches_instead_of_thousands() -> None:
    fasta = "".join(sequence(str(n), 6_000) for n in range(1_200))
    assert len(split(fasta, "blastp")) <= 600


def test_blank_lines_and_carriage_returns_are_no_letters() -> None:
    assert [letters(record) for record in records(">a\r\nAC\r\n\r\nGT\r\n>b\r\n")] == [4, 0]


def test_the_sample_has_several_batches_and_loses_no_sequence() -> None:
    batches = sample.batches()
    assert len(batches) > 4
    assert "".join(batches) == sample.query()
