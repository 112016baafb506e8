"""What a report says of the search itself, under BLAST's own option names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from blast_artifacts.reading.hits import Search

_OPTIONS = {
    "expect": "evalue",
    "include": "inclusion_ethresh",
    "sc_match": "reward",
    "sc_mismatch": "penalty",
    "gap_open": "gapopen",
    "gap_extend": "gapextend",
    "cbs": "comp_based_stats",
    "query_gencode": "query_gencode",
    "db_gencode": "db_gencode",
    "entrez_query": "entrez_query",
    "pattern": "phi_pattern",
}

LEAST_LETTERS = 20
"""A database of millions of sequences with fewer letters each has had its total wrapped at 32 bits (P72)."""


def note_parameters(search: Search, values: Mapping[str, object]) -> None:
    """Keep the parameters of the first search of a file."""
    if not search.parameters:
        search.parameters = {_OPTIONS.get(name, name): _plain(value) for name, value in values.items()}


def note_database(search: Search, values: Mapping[str, object]) -> None:
    """Keep the first believable size of the database."""
    sequences, letters = _plain(values.get("db_num", 0)), _plain(values.get("db_len", 0))
    if search.database_sequences is None and isinstance(sequences, int) and sequences > 0:
        search.database_sequences = sequences
    if search.database_letters is not None or not isinstance(letters, int) or letters <= 0:
        return
    many = search.database_sequences or 0
    if many < 1_000_000 or letters >= LEAST_LETTERS * many:
        search.database_letters = letters


def _plain(value: object) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    text = str(value).strip()
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", text):
        return float(text)
    return text
