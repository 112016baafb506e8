"""A built folder that is not as `build` wrote it: one line, exit code 2."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.terms import ArtifactType
from tests.views.built import CASES


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "built"
    source = CASES / "same-search" / "outfmt15.json"
    assert command_line.main(["build", str(source), "--out", str(out)]) == 0
    return out


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "built"))


def cut(path: Path, keep: float = 0.5) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])


def scrambled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(4, len(content) * 2 // 3):
        content[place] ^= 0x5A
    path.write_bytes(content)


DESCRIPTIONS = "descriptions.json.gz"
PAIRS = "parts/00000.pairs.parquet"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda it: cut(it / DESCRIPTIONS), f"damaged, {DESCRIPTIONS} cannot be read"),
        (lambda it: (it / DESCRIPTIONS).write_bytes(b""), f"damaged, {DESCRIPTIONS} cannot be read"),
        (lambda it: (it / DESCRIPTIONS).write_bytes(b"{}"), f"damaged, {DESCRIPTIONS} cannot be read"),
        (lambda it: scrambled(it / DESCRIPTIONS), f"damaged, {DESCRIPTIONS} cannot be read"),
        (
            lambda it: (it / DESCRIPTIONS).write_bytes(gzip.compress(b'{"total": ', mtime=0)),
            f"damaged, {DESCRIPTIONS} cannot be read",
        ),
        (
            lambda it: (it / DESCRIPTIONS).write_bytes(gzip.compress(b"\xff\xfe", mtime=0)),
            f"damaged, {DESCRIPTIONS} cannot be read",
        ),
        (
            lambda it: (it / DESCRIPTIONS).write_bytes(gzip.compress(b"[]", mtime=0)),
            f"damaged, {DESCRIPTIONS} cannot be read",
        ),
        (lambda it: (it / DESCRIPTIONS).unlink(), f"no built result: {DESCRIPTIONS} is not there"),
        (lambda it: cut(it / PAIRS), "damaged, a file in parts cannot be read"),
        (lambda it: cut(it / PAIRS, 0), "damaged, a file in parts cannot be read"),
        (lambda it: scrambled(it / PAIRS), "damaged, a file in parts cannot be read"),
        (lambda it: (it / PAIRS).unlink(), f"damaged, {PAIRS} is not there"),
        (lambda it: (it / "parts" / "copy.parquet").write_text(""), "copy.parquet is no part of a result"),
        (lambda it: (it / "parts" / "1.2.3.parquet").write_text(""), "1.2.3.parquet is no part of a result"),
        (lambda it: shutil.rmtree(it / "parts"), "no built result: it has no parts"),
    ],
)
def test_what_is_not_as_it_was_built_is_said_in_a_line(
    folder: Path, damage: Callable[[Path], Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    capsys.readouterr()
    assert command_line.main(["query", str(folder), "descriptions"]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_each_text_is_read_once(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    unpack = gzip.decompress

    def counting(content: bytes) -> bytes:
        read.append(content)
        return unpack(content)

    monkeypatch.setattr(gzip, "decompress", counting)
    built = BuiltFolder(whole, None)
    for key in ("@0:0", "@0:1", "@0:2"):
        assert built.answer(ArtifactType.DESCRIPTIONS, {"query": key})["total"] == 9
        assert built.drawing({"query": key})["query_key"] == key
    assert built.artifact(ArtifactType.DESCRIPTIONS)["total"] == 9
    assert len(read) == len(set(read))
