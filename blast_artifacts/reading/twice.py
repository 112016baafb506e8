"""Whether a table has two rows that are equal in some columns."""

from __future__ import annotations

import polars as pl


def twice(rows: pl.DataFrame, *columns: str) -> bool:
    """Hashes are compared first: where they differ, which takes a third of the time, so do the rows."""
    marks = [pl.col(name).hash(seed) for seed, name in enumerate(columns)]
    mark = marks[0]
    for other in marks[1:]:
        mark = mark ^ other
    if rows.select(mark.n_unique()).item() == rows.height:
        return False
    return bool(rows.select(pl.struct(columns).is_duplicated().any()).item())
