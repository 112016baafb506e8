from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from shared.log_lines import action, note, note_largest


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """What was written so far, as objects."""
    caplog.set_level(logging.INFO, "actions")
    return lambda: [json.loads(record.getMessage()) for record in caplog.records]


def test_an_action_is_one_line_with_all_that_was_noted_meanwhile(lines: Any) -> None:
    with action("finalize", job="j"):
        note(run=2, build=None)
        note(outcome="published")
    (line,) = lines()
    assert line.pop("seconds") >= 0
    assert line == {"action": "finalize", "outcome": "published", "job": "j", "run": 2}
    assert next(iter(line)) == "action"


def test_an_action_that_fails_is_written_too_and_fails(lines: Any) -> None:
    with pytest.raises(OSError, match="gone"), action("event"):
        raise OSError("gone")
    (line,) = lines()
    assert (line["outcome"], line["error"]) == ("raised", "OSError")


def test_an_action_within_another_has_a_line_of_its_own(lines: Any) -> None:
    with action("backfill"):
        with action("purge"):
            note(blobs=3)
        note(seen=1)
    purge, backfill = lines()
    assert (purge["action"], purge["blobs"], "seen" in purge) == ("purge", 3, False)
    assert (backfill["action"], backfill["seen"], "blobs" in backfill) == ("backfill", 1, False)


def test_of_some_figures_the_largest_counts(lines: Any) -> None:
    with action("backfill"):
        for seconds in (3.0, 9.0, 5.0):
            note_largest(oldest_pending_seconds=seconds)
    assert lines()[0]["oldest_pending_seconds"] == 9.0


def test_nothing_breaks_out_of_its_line(lines: Any, caplog: pytest.LogCaptureFixture) -> None:
    with action("event"):
        note(job='x"\n{"action":"http"}')
    assert "\n" not in caplog.messages[0]
    assert lines()[0]["job"] == 'x"\n{"action":"http"}'


def test_a_note_outside_of_any_action_is_let_go(lines: Any) -> None:
    note(job="j")
    note_largest(oldest_pending_seconds=1.0)
    assert lines() == []
