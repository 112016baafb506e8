from __future__ import annotations

import os

import pytest

from local.environment import environment


def test_variables_are_set_for_a_while_and_no_other_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWN", "before")
    monkeypatch.delenv("UNKNOWN", raising=False)
    before = dict(os.environ)
    with environment({"KNOWN": "now", "UNKNOWN": "now"}):
        assert dict(os.environ) == {**before, "KNOWN": "now", "UNKNOWN": "now"}
    assert dict(os.environ) == before
