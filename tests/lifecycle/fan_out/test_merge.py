"""The merge of a fanned-out build: asked for until it is made, and published once."""

from __future__ import annotations

import pytest

from blast_artifacts.lifecycle import (
    backfill,
    claims,
    commands,
    finalizer,
)
from blast_artifacts.views import build as views
from tests.lifecycle.fan_out.several_parts import drained, ended, standing, take_in, whole, work
from tests.lifecycle.roads import go_on
from tests.local.host.running import until
from tests.operations import once, operations


def test_a_merge_that_wakes_up_too_late_changes_nothing() -> None:
    job = ended()
    finalizer.finalize(job)
    assert [take_in(message) for message in work()] == ["built"] * 3
    merge = work()[0]

    def another() -> None:
        until(lambda: take_in(merge) == "published")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims.Claim, "renew", lambda self: None)
        with operations(before=once("result_manifest.json.gz", another)):
            assert take_in(merge) == "lost"
    whole(job)


def test_a_lost_merge_message_is_sent_by_the_timer_and_by_a_part_that_comes_again() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    asked = work()
    assert [take_in(message) for message in asked] == ["built", "built"]
    (merge,) = work()
    assert take_in(asked[0]) == "settled"
    assert work() == [merge]
    backfill.run()
    assert work() == [merge]
    go_on(job)
    whole(job)


def test_a_merge_that_fails_is_tried_again_and_at_last_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    with monkeypatch.context() as patch:
        patch.setattr(views, "merge_parts", _fail)
        assert drained() == ["built", "built", "failed"]
        assert standing(job).phase == "parts"
    go_on(job)
    whole(job)
    commands.rebuild(job)
    with monkeypatch.context() as patch:
        patch.setattr(views, "merge_parts", _fail)
        go_on(job)
    assert (standing(job).status, standing(job).error_code) == ("failed", "attempts_exhausted")


def _fail(*_: object) -> None:
    raise OSError("no")
