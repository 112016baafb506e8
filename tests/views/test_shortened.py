"""Long texts cut in columns as in JSON."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.tables.schema import HITS, PAIRS
from blast_artifacts.views.shortened import has_cut, shortened, shortened_columns

DEFLINES = [{"id": "a", "title": "ä" * 6, "taxid": 1}, {"id": None, "title": None, "taxid": None}]


def rows_of(schema: pl.Schema, **values: Any) -> pl.DataFrame:
    """A row with these values, and one without any."""
    return pl.DataFrame([values, {}], schema=schema)


def test_columns_are_cut_as_json_is_and_sequences_are_whole() -> None:
    hit = rows_of(
        HITS, stitle="ä" * 5, qseqid="abcdef", qseq="A" * 9, btop="9" * 9, extra="{}", deflines=DEFLINES
    )
    pair = rows_of(PAIRS, title="abcde", names=["abcdef", "abc"], hsps=1)
    for rows, schema in ((hit, HITS), (pair, PAIRS)):
        less = shortened_columns(rows.lazy(), schema, 5).collect()
        assert less.schema == schema
        assert less.to_dicts() == shortened(rows.to_dicts(), 5)
    row = shortened_columns(hit.lazy(), HITS, 5).collect().row(0, named=True)
    assert (row["stitle"], row["qseqid"], row["qseq"]) == ("ä" * 5, "abcde…", "A" * 9)
    assert row["deflines"][0]["title"] == "ä" * 5 + "…"
    assert shortened_columns(pair.lazy(), PAIRS, 5).collect()["names"][0].to_list() == ["abcde…", "abc"]


def test_what_was_cut_is_known() -> None:
    assert has_cut(shortened({"rows": [{"title": "abcdef"}]}, 5), 5)
    assert not has_cut(shortened({"rows": [{"title": "abcde", "qseq": "ACGTA…"}]}, 5), 5)
