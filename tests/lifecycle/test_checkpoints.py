"""The rows of a build in parts: more than a transaction takes, exchanged once, removed whoever was first."""

from __future__ import annotations

import pytest

from blast_artifacts.lifecycle import checkpoints
from blast_artifacts.lifecycle.checkpoints import Done
from blast_artifacts.terms import ArtifactState
from shared import rows

JOB, BUILD, OTHER = "12345678", "a" * 32, "b" * 32
AT = "2026-11-24T10:00:00.000000Z"


def test_more_parts_than_a_transaction_takes_writes(account: None) -> None:
    checkpoints.write_todos(JOB, BUILD, 230)
    checkpoints.write_todos(JOB, OTHER, 1)
    assert [todo.number for todo in checkpoints.todos(JOB, BUILD)] == list(range(230))
    keys = checkpoints.of_job(JOB)
    assert len(keys) == 231
    checkpoints.remove(JOB, [key for key in keys if checkpoints.build_of(key) == BUILD])
    assert not checkpoints.is_any_left(JOB, BUILD)
    assert checkpoints.is_any_left(JOB, OTHER)


def test_a_part_is_finished_once(account: None) -> None:
    checkpoints.write_todos(JOB, BUILD, 2)
    todo = checkpoints.find_todo(JOB, BUILD, 1)
    assert todo is not None
    checkpoints.finish(todo, Done(ArtifactState.READY, AT, token="first"))
    with pytest.raises(rows.Conflict):
        checkpoints.finish(todo, Done(ArtifactState.READY, AT, token="second"))
    assert {number: done.token for number, done in checkpoints.done(JOB, BUILD).items()} == {1: "first"}
    assert [left.number for left in checkpoints.todos(JOB, BUILD)] == [0]


def test_rows_that_another_removes_meanwhile_are_no_fault(account: None) -> None:
    checkpoints.write_todos(JOB, BUILD, 3)
    keys = checkpoints.of_job(JOB)
    checkpoints.remove(JOB, keys[1:2])
    checkpoints.remove(JOB, keys)
    assert checkpoints.of_job(JOB) == []
