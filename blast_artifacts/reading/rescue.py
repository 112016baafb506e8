"""What can be had of a gzip file behind a break in it: the rest of the member, and the files that follow."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]", re.DOTALL)

_PIECE = 16 << 10
_RUN = 64
_LETTERS = bytes(ord("a") if n in b"\t\n\r" or 32 <= n < 127 else 0 for n in range(256))
_TRIAL = 64 << 10

Blocks = Callable[[], Iterator[bytes]]
"""Gives the stored bytes from the first one on, as often as it is asked."""


def blocks_from(blocks: Blocks, offset: int) -> Iterator[bytes]:
    """The stored bytes from a place on."""
    for block in blocks():
        if offset >= len(block):
            offset -= len(block)
            continue
        yield block[offset:]
        offset = 0


def next_file(blocks: Blocks, place: int) -> int | None:
    """Where from there on a member begins, or plain text: compressed bytes are never letters for long."""
    tail = b""
    for block in blocks_from(blocks, place):
        window = tail + block
        start = place - len(tail)
        letters = window.translate(_LETTERS).find(b"a" * _RUN)
        for found in HEADER.finditer(window, 0, letters if letters >= 0 else len(window)):
            if inflates(blocks, start + found.start()):
                return start + found.start()
        if letters >= 0:
            return start + letters
        place += len(block)
        tail = window[1 - _RUN :]
    return None


def inflates(blocks: Blocks, place: int) -> bool:
    """Whether what begins there is a member, by its first bytes: the header alone may be chance."""
    begin = b""
    for block in blocks_from(blocks, place):
        begin += block[:_TRIAL]
        if len(begin) >= _TRIAL:
            break
    member = zlib.decompressobj(31)
    try:
        return bool(member.decompress(begin, _TRIAL)) or member.eof
    except zlib.error:
        return False


def salvage(blocks: Blocks, begin: int, skip: int, end: int | None) -> Iterator[bytes]:
    """What zlib decodes of the broken member from `begin` up to `end`, but for the first `skip` bytes.

    igzip drops the output of the step that fails, zlib fed byte by byte loses nothing.
    """
    member = zlib.decompressobj(31)
    place = begin
    for piece in blocks_from(blocks, begin):
        for start in range(0, len(piece), _PIECE):
            part = piece[start : start + _PIECE]
            part = part if end is None else part[: max(0, end - place)]
            place += len(part)
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
