from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from local.interpreters import find_interpreter


def script(path: Path, *lines: str) -> Path:
    """An executable that stands for another program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


@pytest.fixture
def pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but a pyenv, whose shim for python3.13 fails; the root that pyenv tells."""
    script(tmp_path / "shims" / "python3.13", "echo 'pyenv: python3.13: command not found' >&2", "exit 127")
    script(tmp_path / "shims" / "pyenv", f"echo '{tmp_path / 'root'}'")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "root"


def test_a_python_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = "{}.{}".format(*sys.version_info)
    (tmp_path / f"python{version}").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", os.pathsep.join(["/nonexistent", str(tmp_path)]))
    assert find_interpreter(version) == tmp_path / f"python{version}"


def test_a_shim_that_fails_is_passed_over_for_what_pyenv_has(pyenv: Path) -> None:
    installed = script(pyenv / "versions" / "3.13.2" / "bin" / "python3.13", "echo 3.13")
    assert find_interpreter("3.13") == installed


def test_the_newest_of_the_versions_that_pyenv_has_is_taken(pyenv: Path) -> None:
    for patch in (9, 10):
        script(pyenv / "versions" / f"3.13.{patch}" / "bin" / "python3.13", "echo 3.13")
    found = find_interpreter("3.13")
    assert found
    assert found.parts[-3] == "3.13.10"


def test_a_python_of_another_version_than_its_name_is_not_taken(pyenv: Path) -> None:
    script(pyenv / "versions" / "3.13.2" / "bin" / "python3.13", "echo 3.12")
    assert find_interpreter("3.13") is None


def test_nothing_is_found_where_there_is_no_pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    assert find_interpreter("3.13") is None
