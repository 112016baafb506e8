"""NCBI's descriptions table: a row a pair, by query in input order and in NCBI's order within one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from blast_artifacts.tables import ncbi
from blast_artifacts.tables.schema import NO_PAIRS
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.names import with_names
from blast_artifacts.views.order import keys
from blast_artifacts.views.pages import (
    PAGE_SIZE,
    Row,
    fetch_rows,
    next_cursor,
    parts_of_first,
    parts_up_to,
    query_key,
    up_to_query,
    up_to_rows,
)
from blast_artifacts.views.result import QUERY_KEY, Result

COLUMNS = (
    "query", "subject", "query_key", "max_score", "total_score", "query_cover", "query_cover_ncbi", "evalue",
    "min_evalue", "per_ident", "acc_len", "query_length", "hsps", "taxids", "names", "title",
)  # fmt: skip
SORT_KEYS = {**dict.fromkeys(QUERY_KEY, False), **ncbi.PAGE_ORDER}
"""The table's total order: column -> descending."""

_SORTED = keys(ArtifactType.DESCRIPTIONS, SORT_KEYS)

TWO_DECIMALS = ("query_cover", "per_ident")


def descriptions(result: Result) -> dict[str, Any]:
    """The first page of the table."""
    page = best_pairs(result, PAGE_SIZE + 1)
    shown = page.head(PAGE_SIZE)
    total = result.sums.pairs
    return {
        "total": total,
        "filtered": total,
        "excluded_unknown": 0,
        "page_size": PAGE_SIZE,
        "next_cursor": next_cursor(result, "descriptions", page.height > PAGE_SIZE, sort_key(shown)),
        "rows": description_rows(with_names(shown, result.taxonomy)),
    }


def best_pairs(result: Result, rows: int) -> pl.DataFrame:
    """The first pairs in the table's order."""
    pairs = result.pairs(parts_of_first(result, "pairs", rows))
    places = _in_order(pairs, up_to_rows(result, "subjects", rows)).head(rows).select("place").collect()
    return fetch_rows(pairs, places["place"].to_list())


def best_of_queries(result: Result, queries: pl.DataFrame) -> pl.DataFrame:
    """The best pair of each of these neighbouring queries, in their order."""
    if queries.is_empty():
        return NO_PAIRS
    pairs = result.pairs(parts_up_to(result, queries["batch"][-1]))
    best = _in_order(pairs, up_to_query(queries)).unique(QUERY_KEY, keep="first", maintain_order=True)
    places = best.join(queries.lazy(), on=QUERY_KEY, how="semi", nulls_equal=True).collect()
    return fetch_rows(pairs, places["place"].to_list())


def _in_order(pairs: pl.LazyFrame, chosen: pl.Expr) -> pl.LazyFrame:
    """The places of the chosen pairs in the table's order, with what they are sorted by."""
    numbered = (
        pairs.with_row_index("place")
        .filter(chosen)
        .select("place", *keys(ArtifactType.DESCRIPTIONS, SORT_KEYS))
    )
    unknown_last = [name not in QUERY_KEY for name in SORT_KEYS]
    return numbered.sort(list(SORT_KEYS), descending=list(SORT_KEYS.values()), nulls_last=unknown_last)


def sort_key(page: pl.DataFrame) -> Sequence[Any]:
    """What the last row of a page is sorted by."""
    return page.select(_SORTED).row(-1) if page.height else ()


def description_rows(pairs: pl.DataFrame) -> list[Row]:
    """Pairs as the table shows them."""
    shown = pairs.with_columns(query_key(), pl.col(TWO_DECIMALS).round(2))
    return shown.select(COLUMNS).to_dicts()
