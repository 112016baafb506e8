"""The instance's copies of part files: on local disk, bounded in bytes, the least recently used out first.

A part file never changes, since its path bears the token of its build. The folder belongs to one process:
what another left behind is never read.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from blast_artifacts.lifecycle.workplace import own_folder
from shared.settings import MIB, settings
from shared.storage import container

_DOWNLOADS_AT_ONCE = 4
_AT_ONCE_BYTES = 8 * MIB


class NoRoom(Exception):
    """The files do not fit into the bound beside those that others are reading."""


class FileGone(Exception):
    """There is no such blob any more, or it is another one."""


@dataclass(frozen=True)
class PartFile:
    """One table of a part as it is stored: its path in the artifacts container, its size in bytes."""

    path: str
    size: int


@dataclass(eq=False)
class _Copy:
    """One file on disk, or on its way there; `pins` counts its readers."""

    file: PartFile
    path: Path
    pins: int = 0
    there: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def is_whole(self) -> bool:
        try:
            return self.path.stat().st_size == self.file.size
        except OSError:
            return False


class PartFiles:
    """Copies of part files in `folder`, together at most `most_bytes`."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._copies: OrderedDict[PartFile, _Copy] = OrderedDict()
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    @contextmanager
    def held(self, files: Collection[PartFile]) -> Iterator[Mapping[PartFile, Path]]:
        """All these files on local disk while the body runs.

        What others fetch already is waited for. Raises NoRoom, without having fetched anything, where they do
        not fit, and FileGone.
        """
        copies, absent = self._pin(files)
        try:
            self._fetch(absent)
            for copy in copies:
                copy.there.wait()
                if copy.error:
                    raise copy.error
            yield {copy.file: copy.path for copy in copies}
        finally:
            self._unpin(copies)

    def _pin(self, files: Collection[PartFile]) -> tuple[list[_Copy], list[_Copy]]:
        """The copies of all these files, and those that the caller has to fetch; raises NoRoom."""
        wanted = dict.fromkeys(files)
        with self._lock:
            for file in wanted:
                copy = self._copies.get(file)
                if copy and copy.there.is_set() and not copy.is_whole():
                    self._forget(copy)
            self._make_room(sum(file.size for file in wanted if file not in self._copies), wanted)
            copies, absent = [], []
            for file in wanted:
                if file not in self._copies:
                    self._copies[file] = _Copy(file, self._folder / f"{next(self._numbers)}.parquet")
                    absent.append(self._copies[file])
                copy = self._copies[file]
                copy.pins += 1
                self._copies.move_to_end(file)
                copies.append(copy)
        return copies, absent

    def _make_room(self, needed: int, wanted: Collection[PartFile]) -> None:
        idle = [copy for file, copy in self._copies.items() if not copy.pins and file not in wanted]
        too_much = sum(file.size for file in self._copies) + needed - self._most_bytes
        if too_much > sum(copy.file.size for copy in idle):
            raise NoRoom(f"{needed} bytes")
        for copy in idle:
            if too_much <= 0:
                break
            too_much -= copy.file.size
            self._forget(copy)

    def _fetch(self, absent: list[_Copy]) -> None:
        try:
            if len(absent) > 1:
                with ThreadPoolExecutor(min(len(absent), _DOWNLOADS_AT_ONCE)) as pool:
                    list(pool.map(self._fetch_one, absent))
            elif absent:
                self._fetch_one(absent[0])
        except RuntimeError as error:  # there are no more threads: others must not wait for ever
            for copy in absent:
                if not copy.there.is_set():
                    self._settle(copy, NoRoom(str(error)))

    def _fetch_one(self, copy: _Copy) -> None:
        error: BaseException | None = None
        try:
            _download(copy.file, copy.path)
        except BaseException as failed:  # handed to all who wait for the file
            error = failed
        self._settle(copy, error)

    def _settle(self, copy: _Copy, error: BaseException | None) -> None:
        """Hand the file, or why it is not there, to all who wait for it."""
        if error:
            copy.error = error
            with self._lock:
                self._forget(copy)
        copy.there.set()

    def _unpin(self, copies: list[_Copy]) -> None:
        with self._lock:
            for copy in copies:
                copy.pins -= 1
                if not copy.pins and self._copies.get(copy.file) is not copy:
                    copy.path.unlink(missing_ok=True)

    def _forget(self, copy: _Copy) -> None:
        """Give the copy up; its file goes with its last reader."""
        if self._copies.get(copy.file) is copy:
            del self._copies[copy.file]
        if not copy.pins:
            copy.path.unlink(missing_ok=True)


@cache
def part_files() -> PartFiles:
    """This process's copies."""
    return PartFiles(own_folder("parts"), settings().part_cache_bytes)


def _download(file: PartFile, path: Path) -> None:
    """The file as it is stored, under its name only once it is whole; a blob of another size is not it."""
    from azure.core.exceptions import HttpResponseError

    blob = container(settings().artifacts_container).get_blob_client(file.path)
    half = path.with_suffix(".half")
    try:
        with half.open("wb") as target:
            for start in range(0, file.size, _AT_ONCE_BYTES):
                piece = blob.download_blob(start, _AT_ONCE_BYTES)
                if str(piece.properties.content_range).rpartition("/")[2] != str(file.size):
                    raise FileGone(file.path)
                piece.readinto(target)
        half.rename(path)
    except HttpResponseError as error:
        if error.status_code in (404, 416):  # a shorter blob has no such range
            raise FileGone(file.path) from error
        raise
    except OSError as error:
        raise NoRoom(str(error)) from error
    finally:
        half.unlink(missing_ok=True)
