"""BLAST+ options as a submitted search has them, and as a command line has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PROGRAMS = ("blastn", "blastp", "blastx", "tblastn", "tblastx")

_NAME = re.compile(r"[a-z][a-z_]*")
_OURS = frozenset({"db", "query", "subject", "out", "num_threads", "remote"})


def arguments(options: Mapping[str, Any]) -> list[str]:
    """Command-line arguments, in the order given. Raises ValueError for a name that is not the caller's."""
    words: list[str] = []
    for name, value in options.items():
        if not _NAME.fullmatch(name) or name in _OURS:
            raise ValueError(f"{name} is no option of a search")
        if value is None or (name == "ungapped" and value is False):
            continue
        words.append(f"-{name}")
        if name != "ungapped":
            words.append(_text(value))
    return words


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
