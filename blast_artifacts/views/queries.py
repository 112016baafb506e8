"""Every query in input order, those without hits too."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.views.pages import PAGE_SIZE, Row, next_cursor, query_key
from blast_artifacts.views.result import QUERY_KEY, Result

COLUMNS = (
    "query", "query_key", "source", "title", "length", "length_source", "status", "message", "subjects",
    "hsps", "best_bits", "best_evalue",
)  # fmt: skip


def queries(result: Result) -> dict[str, Any]:
    """The first page, and how many queries there are of each status."""
    table = result.queries
    shown = table.head(PAGE_SIZE)
    last = shown.select(QUERY_KEY).row(-1) if shown.height else ()
    counts = table.group_by("status").len().sort("status")
    return {
        "total": table.height,
        "filtered": table.height,
        "excluded_unknown": 0,
        "by_status": dict(counts.iter_rows()),
        "page_size": PAGE_SIZE,
        "next_cursor": next_cursor(result, "queries", table.height > PAGE_SIZE, last),
        "rows": query_rows(shown),
    }


def query_rows(queries: pl.DataFrame) -> list[Row]:
    """Queries as the table shows them."""
    return queries.with_columns(query_key()).select(pl.col(COLUMNS)).to_dicts()
