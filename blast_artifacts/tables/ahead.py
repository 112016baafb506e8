"""Work that is done on a thread of its own, one step ahead of the one that takes its results."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items in the same order, each made while the one before is used.

    An error comes where its item would have come. When this is closed or let go of, `items` is closed too,
    and its thread is at an end.
    """

    def one_more() -> list[T]:
        return list(islice(items, 1))

    with ThreadPoolExecutor(1) as maker:
        waiting = maker.submit(one_more)
        try:
            while made := waiting.result():
                waiting = maker.submit(one_more)
                yield made.pop()
        finally:
            if isinstance(items, Generator):
                maker.submit(items.close).result()
