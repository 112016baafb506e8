"""Whole values of ASN.1's text form: `{ name value, … }` -> nested lists."""

from __future__ import annotations

import re
from typing import TypeAlias

Value: TypeAlias = "bytes | list[Element] | None"
Element: TypeAlias = "tuple[bytes, Value]"
"""The words before a value (`value int`), and the value: a token as printed, what braces hold, or nothing."""

ELEMENT = re.compile(
    rb"\s*+((?:[a-z][\w-]*+(?:\s++(?=[a-z]))?+)*+)"
    rb"(?:\s*+(?:(\{)|(\"(?:[^\"\0]|\"\")*+\"(?!\")|'[^'\0]*+'[BH]|-?\d++|TRUE|FALSE))|(?=\s*+[,}]))"
)
AFTER = re.compile(rb"\s*+([,}])")
_DEEPEST = 40
_INDENT = tuple(re.compile(rb"\r?\n {%d}(?=[^\s])" % (2 * depth)) for depth in range(_DEEPEST + 40))
_INLINE = frozenset({b" -", *(b" %d" % digit for digit in range(10))})
_LONGEST_WORDS = 400
_WRAPPED = re.compile(rb"\r?\n")


def indented(buffer: bytes, place: int, depth: int) -> bool:
    """Whether a new line follows there, indented as BLAST indents what is so many braces deep."""
    return _INDENT[depth].match(buffer, place) is not None


class Cut(Exception):
    """The bytes end within a value."""


class Malformed(Exception):
    """Something that no value has; `place` is where it stands."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def parse(buffer: bytes, start: int, end: int, depth: int | None = None) -> tuple[list[Element], int]:
    """The elements of the braces that open before `start`, and the place behind them.

    Looks no further than `end`. `depth`: they are so many braces deep, and every line must be indented as
    BLAST does. Raises Cut or Malformed.
    """
    outer: list[tuple[bytes, list[Element], bool]] = []
    found: list[Element] = []
    place, inline = start, False
    while True:
        head = ELEMENT.match(buffer, place, end)
        if head is None or head.end() == end:
            raise _failure(buffer, place, end)
        words, opened, token = head.groups()
        name = b" ".join(words.split())
        here = None if depth is None else depth + len(outer)
        if name or token or opened:
            inline = inline or (not found and buffer[place : place + 2] in _INLINE)
            _check_line(buffer, place, None if inline else here)
            place = head.end()
        if opened:
            outer.append((name, found, inline))
            found, inline = [], False
            if len(outer) > _DEEPEST:
                raise Malformed(place)
            continue
        if name or token:
            found.append((name, token))
        elif found or buffer[head.end() : head.end() + 1] == b",":
            raise Malformed(place)
        while (mark := _mark(buffer, place, end))[1] == b"}":
            _check_line(buffer, place, None if inline or depth is None else depth + len(outer) - 1)
            place = mark.end()
            if not outer:
                return found, place
            name, before, inline = outer.pop()
            before.append((name, found))
            found = before
        place = mark.end()


def _check_line(buffer: bytes, place: int, depth: int | None) -> None:
    if depth is not None and not indented(buffer, place, depth):
        raise Malformed(place)


def _mark(buffer: bytes, place: int, end: int) -> re.Match[bytes]:
    """The comma or the brace behind a value."""
    mark = AFTER.match(buffer, place, end)
    if mark is None:
        raise _failure(buffer, place, end)
    return mark


def _failure(buffer: bytes, place: int, end: int) -> Exception:
    """Whether more bytes could make sense of what stands here."""
    unfinished = end - place < _LONGEST_WORDS or buffer[place : place + _LONGEST_WORDS].lstrip()[:1] in b"\"'"
    return Cut() if unfinished else Malformed(place)


def members(value: Value) -> dict[bytes, Value]:
    """The elements of a sequence by their words."""
    return dict(value) if isinstance(value, list) else {}


def text(token: Value) -> bytes | None:
    """What a string says: BLAST wraps it in mid-word, and doubles the quotes in it."""
    if not isinstance(token, bytes) or not token.startswith(b'"'):
        return None
    return _WRAPPED.sub(b"", token[1:-1]).replace(b'""', b'"')


def defline_of(description: Value) -> bytes | None:
    """The FASTA line that a description was made of, `>` and all."""
    for _ in ("user", "data", ""):
        inner = members(description)
        description = inner.get(b"user", inner.get(b"data", inner.get(b"")))
    return text(members(description).get(b"data str"))


def integer(token: Value) -> int | None:
    """A whole number."""
    return int(token) if isinstance(token, bytes) and re.fullmatch(rb"-?\d{1,18}", token) else None


def real(value: Value) -> float | None:
    """A real number, `{ mantissa, base, exponent }`."""
    if not isinstance(value, list) or len(value) != 3:
        return None
    mantissa, base, exponent = (integer(token) for _, token in value)
    if mantissa is None or exponent is None or base not in (2, 10):
        return None
    if base == 2:
        return mantissa * 2.0**exponent if abs(exponent) < 1000 else None
    return float(f"{mantissa}e{exponent}")
