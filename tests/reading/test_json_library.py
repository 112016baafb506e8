"""The JSON reader against ijson: an undamaged report holds what a general parser finds in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ijson
import polars as pl
import pytest

from tests.reading.files import CASES, GOLDEN, read_whole

REPORTS = [
    CASES / "same-search/outfmt15.json", CASES / "no-hits/outfmt15.json",
    CASES / "taxa/merged-deflines.outfmt15.json",
    CASES / "encoding/latin1.outfmt15.json", CASES / "encoding/utf8.outfmt15.json",
    *sorted(GOLDEN.glob("*.outfmt15")),
]  # fmt: skip


FIELDS = ("bit_score", "evalue", "identity", "hseq")


def searches(path: Path) -> list[dict[str, Any]]:
    text = io.BytesIO(path.read_bytes())
    return list(ijson.items(text, "BlastOutput2.item.report.results.search", use_float=True))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_reader_finds_what_a_general_parser_finds(path: Path) -> None:
    whole, expected = read_whole(path), searches(path)
    hsps = [
        (index, len(hit["description"]), hit["len"], *(hsp[name] for name in FIELDS))
        for index, search in enumerate(expected)
        for hit in search["hits"]
        for hsp in hit["hsps"]
    ]
    columns = ["qindex", pl.col("deflines").list.len(), "slen", "bitscore", "evalue", "nident", "sseq"]
    assert whole.hits.select(columns).rows() == hsps
    assert [query.length for query in whole.queries] == [search["query_len"] for search in expected]
    assert [query.message for query in whole.queries] == [search.get("message") for search in expected]
