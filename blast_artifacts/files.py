"""Result files on this machine."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4 * 1024 * 1024

_OF_PATTERNS = frozenset("*?[]{}~")


def shown(name: str) -> str:
    """A name on this machine as text: what is no UTF-8 in it is replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def plain_path(path: Path) -> Path:
    """The same place under a name that Polars takes as it is: UTF-8, and nothing that it reads as a pattern.

    Where the name is another, that is a link, which goes when the process ends.
    """
    text = str(path)
    if shown(text) == text and not _OF_PATTERNS & set(text):
        return path
    place = tempfile.mkdtemp(prefix="blast-link-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    link = Path(place) / "link"
    link.symlink_to(path.absolute(), target_is_directory=path.is_dir())
    return link


@dataclass(frozen=True, slots=True)
class FileSource:
    """A local file as a source; `name` is its path below the folder that was asked for, with `/`."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def version(self) -> str:
        return str(self.path.stat().st_mtime_ns)

    def blocks(self) -> Iterator[bytes]:
        """The stored bytes, 4 MiB at a time."""
        with self.path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block


def find_sources(path: Path, alone: bool) -> list[FileSource]:
    """A file, or all files below a folder; names of a folder among others begin with its own."""
    if path.is_file():
        return [FileSource(path, shown(path.name))]
    base = path if alone else path.resolve().parent
    root = path if alone else path.resolve()
    found: list[FileSource] = []
    for folder, _, names in os.walk(root):
        files = (Path(folder) / name for name in names if not name.startswith("."))
        found.extend(
            FileSource(file, shown(file.relative_to(base).as_posix())) for file in files if file.is_file()
        )
    return sorted(found, key=lambda source: source.name)


def spooled_stdin(folder: Path) -> FileSource:
    """Standard input as a file: damaged input may have to be read twice."""
    path = folder / "stdin"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, BLOCK)
    return FileSource(path, "-")
