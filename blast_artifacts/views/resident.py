"""Columns of parts that stay in memory between questions: bounded in bytes, least recently used out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

import polars as pl
from cachetools import LRUCache

BYTES = 256 * 1024 * 1024
_LARGEST = BYTES // 4


def _size(frame: pl.DataFrame) -> int:
    return int(frame.estimated_size()) + 1024


_frames: LRUCache[Hashable, pl.DataFrame] = LRUCache(BYTES, getsizeof=_size)
_lock = threading.Lock()
_one_load = threading.RLock()


def held(key: Hashable) -> pl.DataFrame | None:
    """What is in memory under this key."""
    with _lock:
        return _frames.get(key)


def hold(key: Hashable, load: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """What is in memory under this key, loaded where it is not; one load (and what it needs) at a time.

    What takes more than a quarter of the room is given but not kept.
    """
    frame = held(key)
    if frame is not None:
        return frame
    with _one_load:
        frame = held(key)
        if frame is None:
            frame = load()
            if _size(frame) <= _LARGEST:
                with _lock:
                    _frames[key] = frame
    return frame


def bytes_held() -> int:
    with _lock:
        return int(_frames.currsize)


def forget() -> None:
    """Empties the memory."""
    with _lock:
        _frames.clear()
