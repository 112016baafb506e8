"""Decompressed bytes of a result file: gzip in every state that real files are found in, or plain."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from isal import igzip_lib

IsalError: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]

MAGIC = b"\x1f\x8b"
STEP = 4 << 20
"""Bytes that one step gives at most: a bomb of a few kB must not become gigabytes at once."""

LOST = b"\0"
"""Stands where bytes are missing: no report has it, so that no reader joins what it parts."""

_PIECE = 16 << 10
_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]", re.DOTALL)
_SHORTEST_MEMBER = 18
_TRIAL = 64 << 10
_RECOVERIES = 64


@dataclass(slots=True)
class Inflation:
    """What became of the container; `fault` is `gzip_cut`, `gzip_corrupt`, `crc` or `trailing_data`."""

    gzipped: bool = False
    fault: str | None = None
    trailing_garbage: int = 0


def inflate(blocks: Callable[[], Iterator[bytes]], state: Inflation) -> Iterator[bytes]:
    """Decompressed blocks of at most 4 MiB, all members, as many bytes as can be had; fills `state`."""
    stored = blocks()
    first = next((block for block in stored if block), b"")
    while 0 < len(first) < 2:
        more = next(stored, None)
        if more is None:
            break
        first += more
    if first.startswith(MAGIC):
        state.gzipped = True
        yield from _Members(blocks, state).run(first, stored)
        return
    yield from _steps(first)
    for block in stored:
        yield from _steps(block)


def _steps(block: bytes) -> Iterator[bytes]:
    if len(block) <= STEP:
        if block:
            yield block
        return
    for start in range(0, len(block), STEP):
        yield block[start : start + STEP]


class _Members:
    """Walks through the members of one gzip file."""

    def __init__(self, blocks: Callable[[], Iterator[bytes]], state: Inflation) -> None:
        self._blocks = blocks
        self._state = state
        self._given = 0
        self._begin = 0
        self._taken = 0
        self._recoveries = 0

    def run(self, first: bytes, stored: Iterator[bytes]) -> Iterator[bytes]:
        data = first
        while True:
            self._begin, self._given = self._taken, 0
            member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
            try:
                while not member.eof:
                    out = member.decompress(data, STEP)
                    data, fed = b"", len(data)
                    self._taken += fed
                    self._given += len(out)
                    if out:
                        yield out
                    if member.needs_input and not member.eof:
                        block = next((block for block in stored if block), None)
                        if block is None:
                            self._state.fault = "gzip_cut"
                            return
                        data = block
            except IsalError as error:
                fault = "crc" if "checksum" in str(error) else "gzip_corrupt"
                self._state.fault = self._state.fault or fault
                yield from self._salvage()
                place = self._next_header()
                if place is None:
                    return
                yield LOST
                stored, self._taken = _from(self._blocks(), place), place
                data = next(stored, b"")
                continue
            data = member.unused_data
            self._taken -= len(data)
            data = self._next_member(data, stored)
            if not data:
                return

    def _next_member(self, data: bytes, stored: Iterator[bytes]) -> bytes:
        """The bytes of the next member behind any zero padding, or none where the file ends."""
        while True:
            rest = data.lstrip(b"\0")
            self._taken += len(data) - len(rest)
            if len(rest) >= len(MAGIC):
                break
            block = next((block for block in stored if block), None)
            if block is None:
                break
            data = rest + block
        if rest.startswith(MAGIC):
            return rest
        if rest == MAGIC[:1]:
            self._state.fault = "gzip_cut"
        elif rest:
            self._judge_rest(rest, stored)
        return b""

    def _judge_rest(self, rest: bytes, stored: Iterator[bytes]) -> None:
        self._state.trailing_garbage = len(rest) + sum(len(block) for block in stored)
        # A few odd bytes are litter; whole lines may be results that somebody appended unpacked.
        if b"\n" in rest:
            self._state.fault = "trailing_data"

    def _next_header(self) -> int | None:
        """Where the member behind a broken one begins, if there is one."""
        self._recoveries += 1
        if self._recoveries > _RECOVERIES:
            return None
        place = self._begin + _SHORTEST_MEMBER
        tail = b""
        for block in _from(self._blocks(), place):
            window = tail + block
            for found in _HEADER.finditer(window):
                if self._inflates(place - len(tail) + found.start()):
                    return place - len(tail) + found.start()
            place += len(block)
            tail = window[-3:]
        return None

    def _inflates(self, place: int) -> bool:
        """Whether what begins there is a member, by its first bytes: the header alone may be chance."""
        begin = b""
        for block in _from(self._blocks(), place):
            begin += block[:_TRIAL]
            if len(begin) >= _TRIAL:
                break
        try:
            return bool(zlib.decompressobj(31).decompress(begin, _TRIAL))
        except zlib.error:
            return False

    def _salvage(self) -> Iterator[bytes]:
        """What zlib decodes of the broken member beyond the bytes already given out.

        igzip drops the output of the step that fails, zlib fed byte by byte loses nothing.
        """
        member = zlib.decompressobj(31)
        skip = self._given
        for piece in _from(self._blocks(), self._begin):
            for start in range(0, len(piece), _PIECE):
                part = piece[start : start + _PIECE]
                try:
                    saved = member.copy()
                    out = member.decompress(part)
                except zlib.error:
                    yield from _bytewise(saved, part, skip)
                    return
                if skip >= len(out):
                    skip -= len(out)
                else:
                    yield out[skip:]
                    skip = 0


def _bytewise(member: zlib._Decompress, part: bytes, skip: int) -> Iterator[bytes]:
    gained = bytearray()
    try:
        for number in part:
            gained += member.decompress(bytes((number,)))
    except zlib.error:
        pass
    if len(gained) > skip:
        yield bytes(gained[skip:])


def _from(blocks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for block in blocks:
        if offset >= len(block):
            offset -= len(block)
            continue
        yield block[offset:]
        offset = 0
