"""Line numbers of places in a text that is read block by block."""

from __future__ import annotations


class LineCounter:
    """Counts each line once, as long as places are asked for in order."""

    def __init__(self) -> None:
        self._before = 1
        self._place = 0

    def line(self, buffer: bytes, place: int) -> int:
        """The 1-based line of a place in the buffer."""
        if place < self._place:
            return self._before - buffer.count(b"\n", place, self._place)
        self._before += buffer.count(b"\n", self._place, place)
        self._place = place
        return self._before

    def drop(self, buffer: bytes, length: int) -> None:
        """The buffer loses its first `length` bytes."""
        self.line(buffer, length)
        self._place = 0
