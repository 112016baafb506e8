"""One stack a data folder: two emulators on the same files would destroy them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from local.processes import ProcessFailed


class FolderLock:
    """Held by one process at a time, and let go by the system when that process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        """Raises ProcessFailed where another process has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "lock").open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise ProcessFailed(
                f"another process uses {self._folder}; end it or give another --data"
            ) from None
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> None:
    """Raises OSError where the file is locked."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
