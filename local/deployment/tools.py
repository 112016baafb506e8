"""The command-line tools that a deployment calls."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any


class ToolFailed(Exception):
    """A tool is missing or has failed; the text says what to do."""


def ended(main: Callable[[], None]) -> int:
    """Run a hook; its exit status, with one line on stderr where it failed."""
    try:
        main()
    except ToolFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def az(*words: str) -> Any:
    """What the Azure CLI answers, read as JSON; None where it answers nothing."""
    said = _run("az", *words, "--output", "json")
    return json.loads(said) if said.strip() else None


def set_in_azd(name: str, value: str) -> None:
    """Keep a value in the azd environment, from which azd fills in the parameters of infra/."""
    _run("azd", "env", "set", name, value)


def _run(name: str, *words: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise ToolFailed(f"{name} is not on the PATH; install it and sign in")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ToolFailed(f"{name} {' '.join(words[:3])}: {lines[-1]}")
    return done.stdout
