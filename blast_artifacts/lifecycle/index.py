"""The index of an owner's jobs: a list in the order of its keys, and the Idempotency-Keys used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from shared import rows
from shared.settings import settings
from shared.storage import table

_LATEST = 9_999_999_999_999
_END_OF_LIST = "a"


@dataclass(frozen=True)
class KeyUse:
    """What an Idempotency-Key was used for; `fingerprint` is of the request."""

    fingerprint: str
    job_id: str
    created_at: str


def entry_key(created: datetime, job_id: str) -> str:
    """The list entry's key: milliseconds counted down, so that key order is newest first."""
    return f"{_LATEST - int(created.timestamp() * 1000):013d}_{job_id}"


def key_row(key: str) -> str:
    """The row of an Idempotency-Key."""
    return f"key:{hashlib.sha256(key.encode()).hexdigest()}"


def add(
    owner: str, created: datetime, job_id: str, use: KeyUse | None = None, row: str | None = None
) -> None:
    """Enter a job into its owner's list, and the key that it came with, in one transaction.

    Raises Conflict where that key was used already.
    """
    entry = rows.Write(entry_key(created, job_id), {"job_id": job_id})
    writes = [entry]
    if use and row:
        writes.append(rows.Write(row, vars(use), first=True))
    rows.transact(table(settings().job_index_table), owner, writes, witness=writes[-1].key)


def find_use(owner: str, row: str) -> KeyUse | None:
    """What the key in that row was used for; None where it was not."""
    found = rows.find(table(settings().job_index_table), owner, row)
    if found is None:
        return None
    return KeyUse(*(str(found.get(name)) for name in KeyUse.__dataclass_fields__))


def entries(owner: str, after: str = "", at_once: int = 100) -> Iterator[tuple[str, str]]:
    """(key, job id) of the owner's jobs, newest first, those behind the key `after`, fetched `at_once`."""
    found = rows.partition_rows(
        table(settings().job_index_table), owner, above=after or "0", below=_END_OF_LIST, at_once=at_once
    )
    return ((row.key, str(row.get("job_id"))) for row in found)


def remove(owner: str, keys: Iterable[str], job_id: str) -> None:
    """Remove a job's entry and key, if they are its own still: a key may have been used for another since."""
    index = table(settings().job_index_table)
    for key in keys:
        row = rows.find(index, owner, key)
        if row is not None and row.get("job_id") == job_id:
            rows.delete(index, row)
