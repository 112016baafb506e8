"""Counts as they are said."""

from __future__ import annotations


def counted(count: int, one: str, several: str = "") -> str:
    """A count with what is counted: `1 query`, `1,200 queries`; `several` is `one` with an s if not given."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
