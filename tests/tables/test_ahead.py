from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from blast_artifacts.tables.ahead import ahead


def test_items_come_in_order_and_an_error_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is gone")

    found = ahead(items())
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


def test_the_next_item_is_made_while_one_is_used() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    with closing(ahead(items())) as found:
        assert next(found) == 1
        assert second.wait(30)


def test_who_stops_early_or_lets_go_closes_what_makes_the_items_and_leaves_no_thread() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1_000_000)
        finally:
            closed.set()

    before = threading.active_count()
    with closing(ahead(items())) as found:
        assert next(found) == 0
    assert closed.is_set()
    closed.clear()
    abandoned = ahead(items())
    assert next(abandoned) == 0
    del abandoned
    assert closed.is_set()
    assert threading.active_count() == before
