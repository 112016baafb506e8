"""Decompressed bytes of a result file: gzip in every state that real files are found in, or plain."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from isal import igzip_lib

from blast_artifacts.reading.detect import HEAD, detect, find_head, find_report
from blast_artifacts.reading.rescue import HEADER, Blocks, blocks_from, inflates, next_file, salvage

IsalError: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]

MAGIC = b"\x1f\x8b"
STEP = 4 << 20
"""Bytes that one step gives at most: a bomb of a few kB must not become gigabytes at once."""

LOST = b"\0"
"""Stands where bytes are missing: no report has it, so that no reader joins what it parts."""

_HEADER_BEGUN = re.compile(rb"\x1f(?:\x8b\x08?)?\Z")
_BGZF = b"\x1f\x8b\x08\x04"
_BGZF_HEADER = 18
_SHORTEST_MEMBER = 18
_RECOVERIES = 64


@dataclass(slots=True)
class Inflation:
    """What became of the container; `fault` is `gzip_cut`, `gzip_corrupt` or `crc`.

    `doubt` (`gzip_cut`, `trailing_data`) is a fault unless the report within shows that it is whole.
    """

    fault: str | None = None
    doubt: str | None = None
    trailing_garbage: int = 0


def inflate(blocks: Blocks, state: Inflation) -> Iterator[bytes]:
    """Decompressed blocks of at most 4 MiB, all members, as many bytes as can be had; fills `state`."""
    yield from _Members(blocks, state).run()


def _steps(block: bytes) -> Iterator[bytes]:
    if len(block) <= STEP:
        if block:
            yield block
        return
    for start in range(0, len(block), STEP):
        yield block[start : start + STEP]


class _Members:
    """Walks through the members of one gzip file, and the plain text that was joined to them."""

    def __init__(self, blocks: Blocks, state: Inflation) -> None:
        self._blocks = blocks
        self._state = state
        self._stored = blocks()
        self._given = 0
        self._sure = 0
        self._begin = 0
        self._taken = 0
        self._recoveries = 0

    def run(self) -> Iterator[bytes]:
        data = self._filled(b"", len(MAGIC))
        while data:
            if data.startswith(MAGIC):
                data = yield from self._member(data)
            else:
                data = yield from self._plain(data)

    def _more(self) -> bytes:
        return next((block for block in self._stored if block), b"")

    def _filled(self, data: bytes, size: int) -> bytes:
        """The bytes and as many more as it takes, if there are."""
        while len(data) < size and (block := self._more()):
            data += block
        return data

    def _member(self, data: bytes) -> Generator[bytes, None, bytes]:
        """The text of one member; returns what follows it."""
        self._begin, self._given, self._sure = self._taken, 0, self._taken
        data = self._filled(data, _BGZF_HEADER)
        in_blocks = data.startswith(_BGZF) and data[12:14] == b"BC"
        member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        fault, last = None, b""
        try:
            while not member.eof and fault is None:
                # One step late: the last step before a fault may have read other files' bytes.
                yield from self._give(last)
                self._sure = self._taken
                last = member.decompress(data, STEP)
                self._taken, data = self._taken + len(data), b""
                if member.needs_input and not member.eof:
                    data = self._more()
                    fault = None if data else "gzip_cut"
        except IsalError as error:
            fault, last = "crc" if "checksum" in str(error) else "gzip_corrupt", b""
        if fault:
            self._state.fault = self._state.fault or fault
            return (yield from self._recovered(fault, last))
        yield from self._give(last)
        data = member.unused_data
        self._taken -= len(data)
        data = self._behind(data)
        if in_blocks and self._given and not data:
            # bgzip ends a file with an empty block.
            self._state.doubt = self._state.doubt or "gzip_cut"
        return data

    def _give(self, text: bytes) -> Iterator[bytes]:
        self._given += len(text)
        if text:
            yield text

    def _recovered(self, fault: str, last: bytes) -> Generator[bytes, None, bytes]:
        """All that can be had of a broken member; returns the file that begins behind the break, if any."""
        place = None
        if self._recoveries < _RECOVERIES:
            self._recoveries += 1
            place = next_file(self._blocks, max(self._begin + _SHORTEST_MEMBER, self._sure))
        if place is None and fault == "gzip_cut":
            yield from self._give(last)
            return b""
        yield from salvage(self._blocks, self._begin, self._given, place)
        if place is None:
            return b""
        yield LOST
        self._stored, self._taken = blocks_from(self._blocks, place), place
        return self._filled(b"", len(MAGIC))

    def _behind(self, data: bytes) -> bytes:
        """The next member behind any zero padding, or text that was joined; else what is there is counted."""
        while True:
            rest = data.lstrip(b"\0")
            self._taken += len(data) - len(rest)
            if len(rest) >= len(MAGIC):
                break
            data = self._more()
            if not data:
                break
            data = rest + data
        if rest.startswith(MAGIC):
            return rest
        if rest == MAGIC[:1]:
            self._state.fault = "gzip_cut"
            return b""
        return self._joined(self._filled(rest, HEAD))

    def _joined(self, rest: bytes) -> bytes:
        """What can be read of other bytes behind a member: text that was joined to it, or the next member.

        A few odd bytes are litter; lines may be results, and many bytes a member whose header is lost.
        """
        if not rest:
            return b""
        head = rest[:HEAD]
        place = find_head(head)
        if place <= 0 or b"\n" in head[:place]:
            place = 0 if detect(head).reason in (None, "columns_unknown") else find_report(head)
        if place == 0:
            return rest
        member = next_file(self._blocks, self._taken) if place < 0 else None
        length = place if member is None else member - self._taken
        litter = rest[:length] if length >= 0 else rest
        self._state.trailing_garbage += len(litter)
        if b"\n" in litter or (len(litter) >= _SHORTEST_MEMBER and not litter.isascii()):
            self._state.doubt = "trailing_data"
        if place > 0:
            self._taken += place
            return rest[place:]
        if member is None:
            self._state.trailing_garbage += sum(len(block) for block in self._stored)
            return b""
        self._stored, self._taken = blocks_from(self._blocks, member), member
        return self._more()

    def _plain(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Text up to a member that was joined to it; returns that member."""
        while data:
            for found in HEADER.finditer(data):
                self._recoveries += 1
                if self._recoveries <= _RECOVERIES and inflates(self._blocks, self._taken + found.start()):
                    yield from _steps(data[: found.start()])
                    self._taken += found.start()
                    return data[found.start() :]
            begun = _HEADER_BEGUN.search(data, max(0, len(data) - 3))
            ready = begun.start() if begun else len(data)
            yield from _steps(data[:ready])
            self._taken += ready
            more = self._more()
            if not more:
                yield from _steps(data[ready:])
            data = data[ready:] + more if more else b""
        return b""
