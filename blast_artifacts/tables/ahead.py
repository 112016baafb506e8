"""Work that is done on a thread of its own, one step ahead of the one that takes its results."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class _Ahead(Generic[T]):
    """The thread, and the item that waits: an item, an error, or nothing more."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._waiting: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(maxsize=1)
        self._unwanted = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            for item in self._items:
                self._waiting.put((item,))
                del item
                if self._unwanted:
                    break
            if isinstance(self._items, Generator):
                self._items.close()
        except BaseException as error:  # handed to the thread that takes the items
            end = error
        self._waiting.put(end)

    def items(self) -> Iterator[T]:
        while (found := self._waiting.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found[0]
            del found

    def stop(self) -> None:
        """Ends the thread, whatever it still had to give."""
        self._unwanted = True
        while self._thread.is_alive():
            try:
                self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items in the same order, each made while the one before is used.

    An error comes where its item would have come. When this is closed `items` is closed too, and its thread
    is at an end.
    """
    work = _Ahead(items)
    try:
        yield from work.items()
    finally:
        work.stop()
