"""Folders of this process on the instance's small disk, which do not outlive it."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OURS = re.compile(r"blast-(?:build|parts)-(\d+)-.*")

_lock = threading.Lock()
_made: set[Path] = set()


@contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder for a build's tables; what a process that was killed left of its own is removed first.

    A builder that dies of memory is started again on the same instance, whose disk is small.
    """
    folder = own_folder("build")
    try:
        yield folder
    finally:
        remove(folder)


def own_folder(purpose: str) -> Path:
    """An empty folder that is removed with `remove`, or when this process ends."""
    sweep()
    with _lock:
        folder = Path(tempfile.mkdtemp(prefix=f"blast-{purpose}-{os.getpid()}-"))
        _made.add(folder)
    return folder


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _made.discard(folder)


def sweep() -> None:
    """Remove the folders of processes that are gone, one that had this process's number among them."""
    with _lock:
        for folder in Path(tempfile.gettempdir()).glob("blast-*"):
            match = _OURS.fullmatch(folder.name)
            if match and not _is_in_use(folder, int(match[1])):
                shutil.rmtree(folder, ignore_errors=True)


@atexit.register
def _remove_all() -> None:
    for folder in list(_made):
        remove(folder)


def _is_in_use(folder: Path, pid: int) -> bool:
    return folder in _made if pid == os.getpid() else _is_alive(pid)


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
