"""The checkpoints of a fanned-out build: a `todo` row for each part that is to be built, then a `part` row.

One transaction exchanges the one for the other, so that of two who finish the same part one does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from blast_artifacts.lifecycle import due
from blast_artifacts.lifecycle.leases import Leased
from blast_artifacts.terms import ArtifactState
from shared import clock, rows
from shared.settings import settings
from shared.storage import table

TODO, DONE = "todo|", "part|"
_AT_ONCE = 100
"""Most writes of an entity-group transaction."""


@dataclass(frozen=True)
class Todo(Leased):
    """A part that is to be built; `asks` counts its messages, `attempts` those who began with it."""

    updated_at: str
    asks: int = 1
    attempts: int = 0
    token: str | None = None
    lease_until: str | None = None
    not_before: str | None = None
    error: str | None = None
    row: rows.Row = field(default=rows.Row("", "", {}, ""), compare=False)

    @property
    def number(self) -> int:
        return int(self.row.key.rpartition("|")[2])

    @property
    def build(self) -> str:
        return self.row.key.split("|")[1]

    @property
    def written_at(self) -> datetime | None:
        return self.row.written_at

    def is_overdue(self, moment: datetime) -> bool:
        """Whether nobody is at it, and its last message should have been taken in by now."""
        waited = (moment - self.stored_at).total_seconds()
        return not self.seconds_left(moment) and waited >= due.wait(self.asks - 1)

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "row"}


@dataclass(frozen=True)
class Done:
    """A part that is built, or failed for good; `token` is in the paths of its blobs."""

    status: ArtifactState
    updated_at: str
    token: str | None = None
    error_code: str | None = None
    error: str | None = None


def write_todos(job_id: str, build: str, parts: int) -> None:
    """A row a part, a hundred in a transaction; those that stand are written anew."""
    values = Todo(clock.to_text(clock.now())).values()
    for first in range(0, parts, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, parts))
        writes = [rows.Write(_key(TODO, build, number), values) for number in numbers]
        rows.transact(table(settings().job_artifact_table), job_id, writes, witness=writes[0].key)


def find_todo(job_id: str, build: str, number: int) -> Todo | None:
    row = rows.find(table(settings().job_artifact_table), job_id, _key(TODO, build, number))
    return _todo(row) if row else None


def todos(job_id: str, build: str) -> Iterator[Todo]:
    """All parts of a build that are still to be built."""
    return map(_todo, _rows(job_id, f"{TODO}{build}|"))


def is_any_left(job_id: str, build: str) -> bool:
    """Whether a part of the build is still to be built."""
    return next(_rows(job_id, f"{TODO}{build}|", at_once=1), None) is not None


def done(job_id: str, build: str) -> dict[int, Done]:
    """The parts of a build that are over, by number."""
    found = _rows(job_id, f"{DONE}{build}|")
    return {int(row.key.rpartition("|")[2]): _done(row) for row in found}


def change(todo: Todo, changed: Todo) -> Todo:
    """Write a `todo` row over the version that was read; raises Conflict."""
    etag = rows.replace(table(settings().job_artifact_table), todo.row, changed.values())
    row = rows.Row(todo.row.partition, todo.row.key, changed.values(), etag)
    return Todo(**changed.values(), row=row)


def finish(todo: Todo, finished: Done) -> None:
    """Exchange the `todo` row, in whatever version, for the `part` row; raises Conflict where it is gone."""
    key = _key(DONE, todo.build, todo.number)
    writes = [rows.Write(todo.row.key, None), rows.Write(key, asdict(finished), first=True)]
    rows.transact(table(settings().job_artifact_table), todo.row.partition, writes, witness=key)


def of_job(job_id: str) -> list[str]:
    """The keys of all checkpoints of a job."""
    return [row.key for kind in (DONE, TODO) for row in _rows(job_id, kind)]


def build_of(key: str) -> str:
    return key.split("|")[1]


def remove(job_id: str, keys: Sequence[str]) -> None:
    """Remove these checkpoints, those that are there still."""
    from azure.core.exceptions import HttpResponseError

    states = table(settings().job_artifact_table)
    for first in range(0, len(keys), _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        try:
            states.submit_transaction([("delete", {"PartitionKey": job_id, "RowKey": key}) for key in some])
        except HttpResponseError:  # another was there before us, at some of them
            for key in some:
                states.delete_entity(job_id, key)


def _rows(job_id: str, start: str, at_once: int = 1000) -> Iterator[rows.Row]:
    behind = start[:-1] + chr(ord(start[-1]) + 1)
    return rows.partition_rows(table(settings().job_artifact_table), job_id, start, behind, at_once)


def _key(kind: str, build: str, number: int) -> str:
    return f"{kind}{build}|{number:05d}"


def _todo(row: rows.Row) -> Todo:
    known = {name: row.get(name) for name in Todo.__dataclass_fields__ if name in row.values}
    return Todo(**known, row=row)


def _done(row: rows.Row) -> Done:
    known = {name: row.get(name) for name in Done.__dataclass_fields__ if name in row.values}
    return Done(**{**known, "status": ArtifactState(known["status"])})
