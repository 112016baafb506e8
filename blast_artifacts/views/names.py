"""Names of taxids that only the taxonomy table knows."""

from __future__ import annotations

import polars as pl

from blast_artifacts.tables.taxonomy import Taxonomy


def with_names(pairs: pl.DataFrame, taxonomy: Taxonomy | None) -> pl.DataFrame:
    """Pairs whose `names`, where the format tells none, are those of the table if it knows each taxid."""
    nameless = pairs.filter(pl.col("names").is_null())["taxids"].explode().drop_nulls().unique().sort()
    known = taxonomy.names(nameless.to_list()) if taxonomy and len(nameless) else {}
    if not known:
        return pairs
    member = pl.element().replace_strict(known, default=None, return_dtype=pl.String)
    table = pl.col("taxids").list.eval(member)
    is_whole = ~table.list.eval(pl.element().is_null()).list.any()
    return pairs.with_columns(names=pl.coalesce("names", pl.when(is_whole).then(table)))
