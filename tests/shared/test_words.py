from __future__ import annotations

from shared.words import counted


def test_a_count_is_said_in_singular_and_plural() -> None:
    said = [counted(count, "query", "queries") for count in (0, 1, 2, 1200)]
    assert said == ["0 queries", "1 query", "2 queries", "1,200 queries"]
    assert [counted(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
