"""What stands for the content of a table on local disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

_MARKED = 64 << 10


def table_mark(path: Path) -> str:
    """Equal for equal files; reads only the end of a Parquet file, which holds statistics of all of it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _MARKED))
        return hashlib.sha256(b"%d " % size + file.read()).hexdigest()
