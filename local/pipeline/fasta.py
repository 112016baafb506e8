"""The query, split into batches by letters as ElasticBLAST splits it."""

from __future__ import annotations

import re

BATCH_LETTERS = {
    "blastp": 6_000,
    "blastn": 50_000,
    "blastx": 20_004,
    "tblastn": 20_000,
    "tblastx": 20_000,
}
"""Letters of a batch by program; smaller than ElasticBLAST's own, so that small searches have batches too."""

MOST_BATCHES = 500


def records(fasta: str) -> list[str]:
    """The sequences of a FASTA text, each with its definition line and ending in a line break."""
    return [record.rstrip() + "\n" for record in re.split(r"^(?=>)", fasta, flags=re.M) if record.strip()]


def letters(record: str) -> int:
    """Letters of one record."""
    return sum(len(line.strip()) for line in record.splitlines()[1:])


def batch_letters(total: int, program: str) -> int:
    """The batch length for a query of `total` letters."""
    return max(BATCH_LETTERS[program], total // MOST_BATCHES)


def split(fasta: str, program: str) -> list[str]:
    """The batches of a query: whole sequences, filled up to the batch length; a longer one stands alone."""
    sizes = [(record, letters(record)) for record in records(fasta)]
    most = batch_letters(sum(size for _, size in sizes), program)
    batches: list[str] = []
    room = 0
    for record, size in sizes:
        if not batches or size > room:
            batches.append("")
            room = most
        batches[-1] += record
        room -= size
    return batches
