"""Where another report begins in the text of an archive that was cut: beginnings that no archive can hold.

BLAST doubles quotes within strings and wraps only full lines, so that a title never looks like these.
"""

from __future__ import annotations

import re

LONGEST_HEAD = 200
"""Bytes at the end of a block that may be the beginning of a head."""

_FULL_WIDTH = 70
_CELLS = 12

_ARCHIVE = re.compile(rb"Blast4-archive ::= \{\r?\n  request \{")
_OTHERS = (
    (b"<?xml", re.compile(rb'<\?xml\s+version="\d')),
    (b'"BlastOutput2"', re.compile(rb'\{\s*"BlastOutput2"\s*:')),
    (b"\n# ", re.compile(rb"# [A-Z]*BLAST[A-Z]* +\d[^\n]*\n# [A-Z][A-Za-z]+: [^\n]*\n# ")),
)


def split_at_heads(text: bytes, stop: int) -> tuple[list[bytes], bytes | None]:
    """The text up to `stop` in pieces, all but the first with the head of an archive at the start; and all
    from the first head of another format on, if one begins before `stop`."""
    found = [head.search(text) for mark, head in _OTHERS if mark in text]
    begin = min((match.start() for match in found if match), default=stop)
    end = min(begin, stop)
    starts = [match.start() for match in _ARCHIVE.finditer(text) if match.start() < end]
    pieces = [text[start:after] for start, after in zip((0, *starts), (*starts, end), strict=True)]
    return pieces, text[begin:] if begin < stop else None


def goes_on(line: bytes) -> bool:
    """Whether a string may go on in the next line, up to where it was cut: what follows is then no row."""
    cells = 1 + max(line.count(b"\t"), line.count(b","))
    return len(line) > _FULL_WIDTH and cells < _CELLS
