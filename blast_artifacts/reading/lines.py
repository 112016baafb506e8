"""Texts that are read block by block: whole lines of them, and the line numbers of places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

BOM = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8: some writers put it before each of the files that were joined."""

_NEWLINE = ord("\n")
_BLANK = re.compile(rb"(?:\s|\xef\xbb\xbf)*+")

_MARKED = re.compile(rb"^(?:\xef\xbb\xbf)?#[^\n]*\n", re.MULTILINE)

REGION = 8 << 20
"""Text bytes of one batch: about 25 MB of table. Twice as much takes 100 MB more, and saves no time."""

LONGEST_LINE = 64 << 20


def solid(text: bytes, start: int) -> int:
    """The first place from there on without white space or a byte order mark, or the end."""
    found = _BLANK.match(text, start)
    place = found.end() if found else start
    # A mark may be cut by the end of a block.
    return len(text) if text[place : place + 3] in (BOM[:1], BOM[:2]) else place


def has_bom(text: bytes) -> bool:
    """Whether there is a byte order mark; most texts do not even have its first byte."""
    return BOM[:1] in text and BOM in text


def marked_lines(text: bytes, end: int) -> Iterator[tuple[int, int]]:
    """From and to of the whole lines before `end` that begin with `#`, a byte order mark before it or not."""
    if has_bom(text) and BOM + b"#" in text:
        yield from (mark.span() for mark in _MARKED.finditer(text, 0, end))
        return
    # One byte is found several times as fast as two.
    start = text.find(b"#", 0, end)
    while start >= 0:
        if start and text[start - 1] != _NEWLINE:
            start = text.find(b"#", start + 1, end)
            continue
        behind = text.find(b"\n", start, end) + 1
        if not behind:
            return
        yield start, behind
        start = behind if text.startswith(b"#", behind, end) else text.find(b"#", behind, end)


class Regions:
    """The file cut at line ends into pieces of about `REGION` bytes; only the last may lack its line end.

    `held` are the bytes that were taken from the file and not yet given out.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.held = b""
        self._blocks = blocks

    def __iter__(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        size = 0
        for block in self._blocks:
            parts.append(block)
            size += len(block)
            if size < REGION:
                continue
            # Only the last block is cut: each byte is copied once.
            cut = block.rfind(b"\n") + 1
            if not cut and size < LONGEST_LINE:
                continue
            parts[-1], self.held = block[:cut], block[cut:]
            if not cut:
                parts[-1], self.held = block, b""
            yield b"".join(parts)
            parts, size = [self.held], len(self.held)
        rest, self.held = b"".join(parts), b""
        if rest:
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
