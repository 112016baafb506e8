"""Every collection of the tests gives the same names, at whatever second it happens."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MODULES = sorted(path for path in TESTS.rglob("*.py") if "data" not in path.relative_to(TESTS).parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_packs_the_time_of_day(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "gzip.compress":
            assert "mtime" in {keyword.arg for keyword in node.keywords}, f"line {node.lineno}"
