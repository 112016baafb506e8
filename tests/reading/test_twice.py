from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading.twice import twice

rows = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", None, ""])), max_size=8)


@given(rows)
@settings(max_examples=100, deadline=None)
def test_rows_that_stand_twice_are_found(rows: list[tuple[int, str | None]]) -> None:
    table = pl.DataFrame(rows, schema={"query": pl.Int64, "subject": pl.String}, orient="row")
    assert twice(table, "query", "subject") == (len(set(rows)) < len(rows))
