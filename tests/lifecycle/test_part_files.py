from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from blast_artifacts.lifecycle import part_files, workplace
from blast_artifacts.lifecycle.part_files import FileGone, NoRoom, PartFile, PartFiles
from shared.settings import settings
from shared.storage import container
from tests.operations import operations

SIZE = 1000


class Broken(Exception):
    pass


def stored(number: int, size: int = SIZE) -> PartFile:
    """A part file in the storage, of content that tells which it is."""
    file = PartFile(f"job/1/build/parts/{number:05d}.hits.parquet", size)
    container(settings().artifacts_container).upload_blob(file.path, bytes([number]) * size, overwrite=True)
    return file


def content(file: PartFile) -> bytes:
    return bytes([int(file.path[-18:-13])]) * file.size


@pytest.fixture
def three(account: None, tmp_path: Path) -> PartFiles:
    """Room for three files."""
    return PartFiles(tmp_path, 3 * SIZE)


def read(cache: PartFiles, *files: PartFile) -> None:
    with cache.held(files) as paths:
        for file in files:
            assert paths[file].read_bytes() == content(file)


def refused(cache: PartFiles, *files: PartFile) -> None:
    with pytest.raises(NoRoom), cache.held(files):
        pass


def downloads(act: Callable[[], object]) -> int:
    with operations() as counted:
        act()
    return len(counted)


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_what_was_read_once_is_not_fetched_again(three: PartFiles) -> None:
    files = [stored(1), stored(2)]
    assert downloads(lambda: read(three, *files)) == 2
    assert downloads(lambda: read(three, *files)) == 0


def test_a_file_that_comes_in_several_pieces_is_whole(
    three: PartFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_files, "_AT_ONCE_BYTES", 300)
    file = stored(1)
    assert downloads(lambda: read(three, file)) == 4


def test_the_least_recently_used_goes_first(three: PartFiles, tmp_path: Path) -> None:
    one, two, three_, four = (stored(number) for number in range(1, 5))
    read(three, one, two, three_)
    read(three, one)
    read(three, four)
    assert on_disk(tmp_path) == 3 * SIZE
    assert downloads(lambda: read(three, one, three_, four)) == 0
    assert downloads(lambda: read(three, two)) == 1


def test_what_somebody_reads_stays_and_the_bound_holds(three: PartFiles, tmp_path: Path) -> None:
    one, two, three_, four = (stored(number) for number in range(1, 5))
    with three.held([one, two]) as paths:
        read(three, three_)
        read(three, four)
        assert downloads(lambda: refused(three, three_, four)) == 0
        assert paths[one].read_bytes() == content(one)
        assert on_disk(tmp_path) == 3 * SIZE
    read(three, three_, four)


def test_more_than_there_is_room_for_is_refused_before_anything_is_fetched(
    three: PartFiles, tmp_path: Path
) -> None:
    files = [stored(number) for number in range(1, 5)]
    assert downloads(lambda: refused(three, *files)) == 0
    assert on_disk(tmp_path) == 0


def test_readers_at_once_share_one_download(three: PartFiles) -> None:
    file = stored(1, 3 * SIZE)
    start = threading.Barrier(8)

    def reader(_: int) -> None:
        start.wait()
        read(three, file)

    def all_of_them() -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(reader, range(8)))

    assert downloads(all_of_them) == 1


def test_a_file_that_was_cut_on_disk_is_fetched_again(three: PartFiles) -> None:
    file = stored(1)
    with three.held([file]) as paths:
        paths[file].write_bytes(b"half")
    assert downloads(lambda: read(three, file)) == 1
    with three.held([file]) as paths:
        paths[file].unlink()
        assert downloads(lambda: read(three, file)) == 1


def test_a_blob_that_is_gone_or_another_is_said_and_leaves_nothing(three: PartFiles, tmp_path: Path) -> None:
    there = stored(1)
    for lost in (PartFile("job/1/build/parts/none.parquet", SIZE), PartFile(there.path, SIZE - 1)):
        with pytest.raises(FileGone):
            read(three, there, lost)
    assert on_disk(tmp_path) == SIZE
    read(three, there, stored(2), stored(3))


def test_a_download_that_fails_is_tried_again_by_the_next_reader(three: PartFiles, tmp_path: Path) -> None:
    file = stored(1)

    def refuse(operation: str) -> None:
        raise Broken

    with operations(before=refuse), pytest.raises(Broken):
        read(three, file)
    assert on_disk(tmp_path) == 0
    read(three, file)


def test_where_no_thread_can_be_started_nobody_waits_for_ever(
    three: PartFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exhausted(ThreadPoolExecutor):
        def submit(self, *_: object, **__: object) -> NoReturn:
            raise RuntimeError("can't start new thread")

    files = stored(1), stored(2)
    with monkeypatch.context() as patch:
        patch.setattr(part_files, "ThreadPoolExecutor", Exhausted)
        refused(three, *files)
    assert on_disk(tmp_path) == 0
    read(three, *files)


def test_a_disk_that_is_full_is_no_room(account: None, tmp_path: Path) -> None:
    cache = PartFiles(tmp_path / "gone", 3 * SIZE)
    with pytest.raises(NoRoom):
        read(cache, stored(1))


@pytest.mark.parametrize("seed", range(3))
def test_many_readers_of_many_files_never_break_the_bound(
    three: PartFiles, tmp_path: Path, seed: int
) -> None:
    files = [stored(number) for number in range(1, 9)]
    over = threading.Event()
    most = 0

    def watch() -> None:
        nonlocal most
        while not over.is_set():
            sizes = []
            for path in tmp_path.iterdir():
                try:
                    sizes.append(path.stat().st_size)
                except FileNotFoundError:
                    sizes.append(0)
            most = max(most, sum(sizes))

    def reader(number: int) -> int:
        choice = random.Random(f"{seed}-{number}")
        refused = 0
        for _ in range(20):
            try:
                read(three, *choice.sample(files, choice.randint(1, 3)))
            except NoRoom:
                refused += 1
        return refused

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(4) as pool:
        refused = sum(pool.map(reader, range(4)))
    over.set()
    watcher.join()
    assert refused < 80
    assert 0 < most <= 3 * SIZE
    read(three, *files[:3])


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_dead_process_left_is_removed_and_never_read(temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead, same_number = (temporary / f"blast-parts-{number}-left" for number in (ended.pid, os.getpid()))
    for folder in (dead, same_number):
        folder.mkdir()
        (folder / "0.parquet").write_bytes(b"left over")
    alive = temporary / f"blast-parts-{os.getppid()}-other"
    alive.mkdir()
    fresh = workplace.own_folder("parts")
    try:
        assert list(fresh.iterdir()) == []
        assert {folder.name for folder in temporary.iterdir()} == {alive.name, fresh.name}
    finally:
        workplace.remove(fresh)
