"""Texts that are read block by block: whole lines of them, and the line numbers of places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

BOM = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8: some writers put it before each of the files that were joined."""

REGION = 8 << 20
"""Text bytes of one batch: about 25 MB of table."""

LONGEST_LINE = 64 << 20


def regions(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The file cut at line ends into pieces of about `REGION` bytes; only the last may lack its line end."""
    held = b""
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size < REGION:
            continue
        held = b"".join(parts)
        while len(held) >= REGION:
            cut = held.rfind(b"\n", 0, REGION) + 1 or held.find(b"\n", REGION) + 1
            if not cut:
                if len(held) < LONGEST_LINE:
                    break
                cut = len(held)
            yield held[:cut]
            held = held[cut:]
        parts, size = [held], len(held)
    if rest := b"".join(parts):
        yield rest


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
