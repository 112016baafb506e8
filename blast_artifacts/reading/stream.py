"""The decompressed blocks of a file, from which one document after the other is read."""

from __future__ import annotations

from collections.abc import Iterator

from blast_artifacts.reading.detect import HEAD


class Stream:
    """Gives blocks in order; a reader that meets the beginning of another document puts it back.

    `lines` counts the line ends in all that readers took for good.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.lines = 0
        self._blocks = blocks
        self._back = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._back:
            block, self._back = self._back, b""
            return block
        return next(self._blocks)

    def put_back(self, rest: bytes, lines: int) -> None:
        """What a reader leaves of the bytes that it was given, `lines` line ends after where it began."""
        self._back = rest + self._back
        self.lines += lines

    def head(self) -> tuple[bytes, bool]:
        """The next bytes, enough to tell a format by, and whether they are all; they are still to be read."""
        parts = []
        size, blank, ended = 0, True, True
        for block in self:
            parts.append(block)
            size += len(block)
            blank = blank and not block.strip()
            if (size >= HEAD and not blank) or size > 64 * HEAD:
                ended = False
                break
        self._back = b"".join(parts)
        return self._back, ended
