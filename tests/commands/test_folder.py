"""A built folder that is not as `build` wrote it: one line, exit code 2."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.commands import report
from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.terms import ArtifactType
from tests.views.built import CASES, folder_of, outfmt7


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


def scrambled(path: Path, share: float = 0.67) -> None:
    content = bytearray(path.read_bytes())
    for place in range(4, int(len(content) * share)):
        content[place] ^= 0x5A
    path.write_bytes(content)


def test_it_is_read_though_standard_error_is_closed(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert len(BuiltFolder(whole, None).answer(ArtifactType.DESCRIPTIONS, {"page_size": "3"})["rows"]) == 3


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
        (lambda it: cut(it / PAIRS), f"damaged, {PAIRS} cannot be read"),
        (lambda it: cut(it / PAIRS, 0), f"damaged, {PAIRS} cannot be read"),
        (lambda it: scrambled(it / PAIRS), f"damaged, {PAIRS} cannot be read"),
        (lambda it: scrambled(it / PAIRS, 0.2), "damaged, a file in parts cannot be read"),
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


ARTIFACTS = ("manifest", "aggregate", "queries", "descriptions", "alignments", "taxonomy")
MIXED = "and the parts are not of one result: build it again"


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command ends with."""
    capsys.readouterr()
    assert command_line.main(words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    return printed.err


def changed(path: Path, **fields: Any) -> None:
    found = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps({**found, **fields}).encode(), mtime=0))


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "template.html").write_text(report.PLACE)
    monkeypatch.setattr(report, "TEMPLATE", tmp_path / "template.html")


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("kind", ARTIFACTS)
def test_an_artifact_of_another_shape_is_damaged(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / f"{kind}.json.gz"
    whole = json.loads(gzip.decompress(path.read_bytes()))
    damaged: list[dict[str, Any]] = [
        {},
        {**whole, "run": "1"},
        {**whole, "more": 1},
        {name: value for name, value in whole.items() if name != "warnings"},
        {name: [] for name in whole},
    ]
    for content in damaged:
        path.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
        assert f"damaged, {kind}.json.gz cannot be read" in refused(["report", str(folder)], capsys)
        assert not (folder / "report.html").exists()
    path.write_bytes(gzip.compress(b"[" * 100_000, mtime=0))
    assert f"damaged, {kind}.json.gz cannot be read" in refused(["report", str(folder)], capsys)


def test_what_polars_says_of_a_damaged_table_is_not_printed(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In many places a changed byte makes it panic, which it writes to standard error by itself."""
    content = (folder / PAIRS).read_bytes()
    for place in range(4, 400, 12):
        (folder / PAIRS).write_bytes(content[:place] + b"\xff" * 8 + content[place + 8 :])
        capfd.readouterr()
        if command_line.main(["query", str(folder), "descriptions"]) == 2:
            assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("template")
def test_what_is_of_another_result_is_damaged(
    whole: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`other` has as many queries, pairs and HSPs, of other scores."""
    other = tmp_path / "other"
    made = {f"q{n}": [("s", 90.0 + n)] for n in range(3)}
    source = folder_of(tmp_path / "r", {"r.out": outfmt7(made)})
    assert command_line.main(["build", str(source), "--out", str(other)]) == 0
    like = tmp_path / "like"
    source = folder_of(tmp_path / "l", {"r.out": outfmt7({**made, "q1": [("s", 80.0)]})})
    assert command_line.main(["build", str(source), "--out", str(like)]) == 0

    def with_file(name: str, of: Path, into: Path) -> Path:
        place = tmp_path / "mixed"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(into, place)
        shutil.copy(of / name, place / name)
        return place

    for kind in ARTIFACTS:
        mixed = with_file(f"{kind}.json.gz", other, whole)
        assert MIXED in refused(["report", str(mixed)], capsys)
    for name in ("hits", "pairs", "queries"):
        part = f"parts/00000.{name}.parquet"
        for of, into in ((other, whole), (like, other)):
            assert MIXED in refused(["report", str(with_file(part, of, into))], capsys)
        another = "pairs" if name == "hits" else "hits"
        shutil.copy(whole / f"parts/00000.{another}.parquet", folder / part)
        for words in (["report", str(folder)], ["query", str(folder), "descriptions"]):
            assert f"damaged, {part} cannot be read" in refused(words, capsys)
        shutil.copy(whole / part, folder / part)


def test_a_cursor_that_is_none_is_damage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(folder / DESCRIPTIONS, next_cursor="?")
    said = refused(["query", str(folder), "descriptions"], capsys)
    assert f"damaged, {DESCRIPTIONS} cannot be read" in said


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
