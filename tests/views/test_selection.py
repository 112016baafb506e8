"""The first rows of a table, found without sorting it."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as some

from blast_artifacts.views.order import Key, ordered
from blast_artifacts.views.selection import near

ROWS = some.lists(some.tuples(some.none() | some.integers(0, 40), some.booleans()), min_size=1, max_size=400)


@bounded(max_examples=100, deadline=None)
@given(
    rows=ROWS, count=some.integers(1, 6), turned=some.booleans(), nulls_last=some.booleans(), at=some.data()
)
def test_no_row_that_is_among_the_first_is_left_out(
    rows: list[tuple[int | None, bool]], count: int, turned: bool, nulls_last: bool, at: some.DataObject
) -> None:
    key = Key("number", turned, nulls_last)
    table = pl.DataFrame(rows, schema={"number": pl.Int64, "passes": pl.Boolean}, orient="row")
    table = table.with_row_index("place")
    inorder = ordered(table, (key, Key("place")))
    begin = at.draw(some.integers(0, len(rows)))
    last = inorder.select("number", "place").row(begin - 1) if begin else None
    expected = inorder[begin:].filter("passes")["place"].head(count)
    found = near(table["passes"], table["number"], key, count, last)
    left = inorder[begin:].filter(pl.col("place").is_in(table["place"].filter(found).implode()))
    assert left["place"].head(count).equals(expected)
    assert not (found & ~table["passes"]).any()


def test_of_many_different_rows_few_are_left() -> None:
    column = pl.int_range(100_000, eager=True).shuffle(seed=1)
    found = near(pl.repeat(True, 100_000, eager=True), column, Key("number"), 10, None)
    assert 10 <= found.sum() <= 1000
