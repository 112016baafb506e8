"""The queries of infra/ ask for fields that the app's lines have."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.infra.bicep import INFRA
from tests.infra.code import nodes

ALWAYS = {"action", "outcome", "seconds", "error", "queued_seconds", "tries"}

each_query = pytest.mark.parametrize("path", sorted(INFRA.glob("*/*.kql")), ids=lambda path: path.stem)


def calls(*names: str) -> list[ast.Call]:
    made = (node for node in nodes() if isinstance(node, ast.Call))
    return [call for call in made if isinstance(call.func, ast.Name) and call.func.id in names]


def fields() -> set[str]:
    noted = calls("action", "note", "note_largest")
    return ALWAYS | {keyword.arg for call in noted for keyword in call.keywords if keyword.arg}


def actions() -> set[str]:
    names = [call.args[0] for call in calls("action")]
    return {str(name.value) for name in names if isinstance(name, ast.Constant)}


@each_query
def test_every_field_is_one_that_is_written(path: Path) -> None:
    asked = re.findall(r"(?:line|parse_json\(Message\))\.(\w+)", path.read_text("utf-8"))
    assert set(asked) <= fields()


@each_query
def test_every_action_is_one_that_is_written(path: Path) -> None:
    starts = re.findall(r"startswith '\{\"action\":\"(\w*)", path.read_text("utf-8"))
    assert all(any(action.startswith(start) for action in actions()) for start in starts)


@each_query
def test_brackets_and_quotes_are_closed(path: Path) -> None:
    text = re.sub(r"//.*", "", path.read_text("utf-8"))
    text = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "", text)
    assert "'" not in text
    assert '"' not in text
    assert [text.count(one) for one in "(["] == [text.count(one) for one in ")]"]
