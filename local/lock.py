"""Pins the versions: requirements*.in -> requirements*.txt, with hashes, for every platform and Python."""

from __future__ import annotations

import subprocess
import sys

from local.setup import ROOT

_FILES = {
    "requirements": ["--python-version", "3.11"],
    "requirements-dev": ["--python-version", "3.11"],
    "requirements-host": ["--python-version", "3.13", "--no-deps"],
}
_FLAGS = ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--quiet"]


def lock() -> int:
    """Write the lock files anew, keeping each version that is still allowed; the exit status."""
    for name, flags in _FILES.items():
        print(f"{name}.in -> {name}.txt", flush=True)
        command = [sys.executable, "-m", "uv", "pip", "compile", *_FLAGS, *flags]
        status = subprocess.call([*command, f"{name}.in", "-o", f"{name}.txt"], cwd=ROOT)
        if status:
            return status
    return 0
