"""Folders for a build's tables, which do not outlive the process that made them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OURS = re.compile(r"blast-build-(\d+)-.*")


@contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder; what a process that was killed left of its own is removed first.

    A builder that dies of memory is started again on the same instance, whose disk is small.
    """
    sweep()
    with tempfile.TemporaryDirectory(prefix=f"blast-build-{os.getpid()}-") as folder:
        yield Path(folder)


def sweep() -> None:
    """Remove the folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob("blast-build-*"):
        match = _OURS.fullmatch(folder.name)
        if match and not _is_alive(int(match[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    """Where it cannot be told, it is."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
