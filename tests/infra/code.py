"""What the app's own code uses of Azure, read from its source."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from shared.settings import Settings

ROOT = Path(__file__).parents[2]


@cache
def trees() -> tuple[ast.Module, ...]:
    """Every module that is deployed, but for the model of the settings itself."""
    files = [ROOT / "function_app.py", *ROOT.glob("blast_artifacts/**/*.py"), *ROOT.glob("shared/*.py")]
    return tuple(ast.parse(path.read_text("utf-8")) for path in files if path.name != "settings.py")


@cache
def nodes() -> tuple[ast.AST, ...]:
    return tuple(node for tree in trees() for node in ast.walk(tree))


def settings_used() -> set[str]:
    """App settings, in upper case, that some module reads."""
    named = {node.attr for node in nodes() if isinstance(node, ast.Attribute)}
    return {name.upper() for name in Settings.model_fields if name in named}
