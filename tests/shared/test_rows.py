from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.data.tables import TableClient

from shared import rows
from shared.settings import settings
from shared.storage import table


@pytest.fixture
def states(account: None) -> TableClient:
    return table(settings().job_state_table)


def stands(states: TableClient, partition: str, key: str) -> rows.Row:
    row = rows.find(states, partition, key)
    assert row is not None
    return row


def losing_reply(write: Callable[..., Any]) -> Callable[..., Any]:
    """The write, carried out, whose reply never arrives."""

    def lost(*arguments: Any, **options: Any) -> Any:
        write(*arguments, **options)
        raise ServiceResponseError("the connection broke")

    return lost


def test_values_come_back_as_they_went(states: TableClient) -> None:
    values = {
        "small": 7,
        "large": 2**40,
        "negative": -(2**40),
        "flag": True,
        "text": "naïve 🧬",
        "longest": "x" * 32_000,
        "real": 0.5,
        "absent": None,
    }
    rows.insert(states, "p", "k", values)
    found = stands(states, "p", "k")
    assert {name: found.get(name) for name in values} == values
    assert found.get("flag") is True
    assert "absent" not in found.values


def test_the_first_to_insert_wins(states: TableClient) -> None:
    rows.insert(states, "p", "k", {"n": 1})
    with pytest.raises(rows.Conflict):
        rows.insert(states, "p", "k", {"n": 2})
    assert stands(states, "p", "k").get("n") == 1


def test_a_replacement_needs_the_version_that_was_read(states: TableClient) -> None:
    rows.insert(states, "p", "k", {"n": 1, "gone": 1})
    first = stands(states, "p", "k")
    rows.replace(states, first, {"n": 2})
    assert stands(states, "p", "k").get("gone") is None
    with pytest.raises(rows.Conflict):
        rows.replace(states, first, {"n": 3})
    assert stands(states, "p", "k").get("n") == 2


def test_eight_who_change_one_row_at_once_all_do(states: TableClient) -> None:
    """Each conflict is another's success, so that the eighth try of the last one meets nobody."""
    rows.insert(states, "p", "k", {"count": 0})

    def count_up(_: int) -> bool:
        for _try in rows.tries():
            row = stands(states, "p", "k")
            with suppress(rows.Conflict):
                rows.replace(states, row, {"count": row.get("count") + 1})
                return True
        return False

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(count_up, range(8)))
    assert stands(states, "p", "k").get("count") == 8


def test_replacing_a_row_that_is_gone_is_a_conflict(states: TableClient) -> None:
    rows.insert(states, "p", "k", {})
    row = stands(states, "p", "k")
    rows.delete(states, row)
    with pytest.raises(rows.Conflict):
        rows.replace(states, row, {"n": 1})


def test_only_the_version_that_was_read_is_deleted(states: TableClient) -> None:
    rows.insert(states, "p", "k", {"n": 1})
    old = stands(states, "p", "k")
    rows.replace(states, old, {"n": 2})
    rows.delete(states, old)
    rows.delete(states, stands(states, "p", "k"))
    assert rows.find(states, "p", "k") is None
    rows.delete(states, old)


def test_a_returned_etag_is_the_one_that_stands(states: TableClient) -> None:
    assert rows.insert(states, "p", "k", {}) == stands(states, "p", "k").etag
    etag = rows.replace(states, stands(states, "p", "k"), {"n": 1})
    assert etag == stands(states, "p", "k").etag


def test_rows_of_a_partition_come_in_key_order_between_bounds(states: TableClient) -> None:
    for key in ("c", "a", "d", "b"):
        rows.put(states, "p", key, {})
    rows.put(states, "q", "b", {})
    assert [row.key for row in rows.partition_rows(states, "p")] == ["a", "b", "c", "d"]
    assert [row.key for row in rows.partition_rows(states, "p", above="a", below="d")] == ["b", "c"]


def test_a_transaction_moves_all_rows_or_none(states: TableClient) -> None:
    rows.insert(states, "p", "witness", {"n": 1})
    old = stands(states, "p", "witness")
    rows.transact(
        states, "p", [rows.Write("witness", {"n": 2}, old.etag), rows.Write("x", {"n": 2})], "witness"
    )
    assert stands(states, "p", "x").get("n") == 2
    with pytest.raises(rows.Conflict):
        rows.transact(
            states, "p", [rows.Write("witness", {"n": 3}, old.etag), rows.Write("y", {"n": 3})], "witness"
        )
    assert rows.find(states, "p", "y") is None
    assert stands(states, "p", "witness").get("n") == 2


def test_a_write_whose_reply_was_lost_counts_as_ours(
    states: TableClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(states, "create_entity", losing_reply(states.create_entity))
        etag = rows.insert(states, "p", "k", {"n": 1})
    assert etag == stands(states, "p", "k").etag
    with monkeypatch.context() as patch:
        patch.setattr(states, "update_entity", losing_reply(states.update_entity))
        rows.replace(states, stands(states, "p", "k"), {"n": 2})
    assert stands(states, "p", "k").get("n") == 2
    with monkeypatch.context() as patch:
        patch.setattr(states, "submit_transaction", losing_reply(states.submit_transaction))
        write = rows.Write("k", {"n": 3}, stands(states, "p", "k").etag)
        rows.transact(states, "p", [write], "k")
    assert stands(states, "p", "k").get("n") == 3


def test_a_repeat_of_a_lost_write_is_not_taken_for_a_conflict(
    states: TableClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK repeats a write whose reply was lost; the repeat fails with 409 though the write succeeded."""

    def twice(entity: Any) -> Any:
        TableClient.create_entity(states, entity)
        return TableClient.create_entity(states, entity)

    monkeypatch.setattr(states, "create_entity", twice)
    assert rows.insert(states, "p", "k", {"n": 1})


def test_a_write_that_never_arrived_is_an_error(states: TableClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ServiceResponseError("refused")

    monkeypatch.setattr(states, "create_entity", fail)
    with pytest.raises(ServiceResponseError):
        rows.insert(states, "p", "k", {})
