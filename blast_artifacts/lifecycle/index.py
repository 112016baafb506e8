"""The list of an owner's jobs, newest first, kept as rows in that order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared import rows
from shared.settings import settings
from shared.storage import table

_LATEST = 9_999_999_999_999
_END_OF_LIST = "a"


def entry_key(created: datetime, job_id: str) -> str:
    """The entry's key: milliseconds counted down, so that key order is newest first."""
    return f"{_LATEST - int(created.timestamp() * 1000):013d}_{job_id}"


def add(owner: str, created: datetime, job_id: str) -> None:
    rows.put(table(settings().job_index_table), owner, entry_key(created, job_id), {"job_id": job_id})


def entries(owner: str, after: str = "") -> Iterator[tuple[str, str]]:
    """(key, job id) of the owner's jobs, newest first, those behind the key `after`."""
    found = rows.partition_rows(
        table(settings().job_index_table), owner, above=after or "0", below=_END_OF_LIST
    )
    return ((row.key, str(row.get("job_id"))) for row in found)
