"""Table rows with optimistic locking that a lost reply cannot fool.

Every conditional write carries a fresh `op` token. The SDK repeats a write whose reply was lost, and the
repeat of a write that had succeeded fails with 409 or 412; a row that bears our token says that we won.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.data.tables import TableClient

_LARGEST_INT32 = 2**31 - 1
_TRIES = 8
_FIRST_PAUSE = 0.01


class Conflict(Exception):
    """The row was changed, made or removed by another since it was read."""


@dataclass(frozen=True)
class Row:
    """One table entity: `values` without the keys, `etag` of the version that was read.

    `written_at` is when storage, by its own clock, took that version in; None of a row that was not read.
    """

    partition: str
    key: str
    values: Mapping[str, Any]
    etag: str
    written_at: datetime | None = None

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)


@dataclass(frozen=True)
class Write:
    """One operation of a transaction: inserts or replaces, if `etag` still stands where one is given.

    `first` makes it an insert that fails where the row stands; without `values` it deletes the row.
    """

    key: str
    values: Mapping[str, Any] | None
    etag: str | None = None
    first: bool = False


def tries() -> Iterator[None]:
    """Once for each try to read and change a row that others change too.

    Pauses of random and growing length, 1.3 s in all at most, let those who meet at one row part again.
    """
    for number in range(_TRIES):
        if number:
            time.sleep(random.uniform(0, _FIRST_PAUSE * 2**number / 2))  # noqa: S311 (no secret)
        yield


def find(table: TableClient, partition: str, key: str) -> Row | None:
    """The row, or None where there is none."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        return _decode(table.get_entity(partition, key))
    except ResourceNotFoundError:
        return None


def partition_rows(
    table: TableClient, partition: str, above: str = "", below: str = "", at_once: int = 1000
) -> Iterator[Row]:
    """Rows of one partition in key order, with `above` < key < `below` where these are given.

    Each operation fetches `at_once` of them.
    """
    conditions, parameters = ["PartitionKey eq @partition"], {"partition": partition}
    if above:
        conditions.append("RowKey gt @above")
        parameters["above"] = above
    if below:
        conditions.append("RowKey lt @below")
        parameters["below"] = below
    query = " and ".join(conditions)
    return map(_decode, table.query_entities(query, parameters=parameters, results_per_page=at_once))


def insert(table: TableClient, partition: str, key: str, values: Mapping[str, Any]) -> str:
    """Make a row and return its ETag; raises Conflict where another made it first."""
    entity = _encode(partition, key, values)
    return _settled(table, entity, lambda: table.create_entity(entity))


def replace(table: TableClient, row: Row, values: Mapping[str, Any]) -> str:
    """Replace the version that was read and return the new ETag; raises Conflict where it moved on."""
    from azure.core import MatchConditions
    from azure.data.tables import UpdateMode

    entity = _encode(row.partition, row.key, values)
    return _settled(
        table,
        entity,
        lambda: table.update_entity(
            entity, mode=UpdateMode.REPLACE, etag=row.etag, match_condition=MatchConditions.IfNotModified
        ),
    )


def put(table: TableClient, partition: str, key: str, values: Mapping[str, Any]) -> None:
    """Write a row whatever stands there."""
    from azure.data.tables import UpdateMode

    table.upsert_entity(_encode(partition, key, values), mode=UpdateMode.REPLACE)


def delete(table: TableClient, row: Row) -> None:
    """Delete the version that was read, and no later one."""
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceModifiedError

    with suppress(ResourceModifiedError):
        table.delete_entity(
            row.partition, row.key, etag=row.etag, match_condition=MatchConditions.IfNotModified
        )


def transact(table: TableClient, partition: str, writes: Sequence[Write], witness: str) -> None:
    """Carry out all writes in one entity-group transaction, or none; raises Conflict.

    `witness` is the key of one of the writes: the row that tells whether a failed or unanswered transaction
    was carried out after all. At most 100 writes.
    """
    from azure.core import MatchConditions
    from azure.data.tables import UpdateMode

    operations: list[Any] = []
    proof: dict[str, Any] = {}
    for write in writes:
        if write.values is None:
            operations.append(("delete", {"PartitionKey": partition, "RowKey": write.key}))
            continue
        entity = _encode(partition, write.key, write.values)
        if write.key == witness:
            proof = entity
        mode: dict[str, Any] = {"mode": UpdateMode.REPLACE}
        if write.first:
            operations.append(("create", entity))
        elif write.etag:
            condition = {"etag": write.etag, "match_condition": MatchConditions.IfNotModified}
            operations.append(("update", entity, {**mode, **condition}))
        else:
            operations.append(("upsert", entity, mode))
    _settled(table, proof, lambda: table.submit_transaction(operations))


def _settled(table: TableClient, entity: Mapping[str, Any], write: Any) -> str:
    from azure.core.exceptions import AzureError, HttpResponseError

    try:
        answer = write()
    except AzureError as error:
        standing = find(table, entity["PartitionKey"], entity["RowKey"])
        if standing is not None and standing.get("op") == entity["op"]:
            return standing.etag
        if isinstance(error, HttpResponseError) and error.status_code in (404, 409, 412):
            raise Conflict(f"{entity['PartitionKey']}/{entity['RowKey']} was changed by another") from error
        raise
    return str(answer["etag"]) if isinstance(answer, dict) else ""


def _encode(partition: str, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    from azure.data.tables import EdmType, EntityProperty

    entity: dict[str, Any] = {"PartitionKey": partition, "RowKey": key, "op": uuid.uuid4().hex}
    for name, value in values.items():
        if value is None or name == "op":
            continue
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_INT32:
            value = EntityProperty(value, EdmType.INT64)
        entity[name] = value
    return entity


def _decode(entity: Any) -> Row:
    from azure.data.tables import EntityProperty

    values = {
        name: value.value if isinstance(value, EntityProperty) else value
        for name, value in entity.items()
        if name not in ("PartitionKey", "RowKey")
    }
    written = entity.metadata
    return Row(entity["PartitionKey"], entity["RowKey"], values, written["etag"], written["timestamp"])
