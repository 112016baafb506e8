from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local import setup
from local.setup import SetupError
from tests.local.test_interpreters import script


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python whose pip notes that it was called, and fails while there is a file `broken`."""
    return script(
        tmp_path / ".venv" / "bin" / "python",
        f"cd '{tmp_path}'",
        'echo "$@" >> calls',
        "if [ -e broken ]; then echo 'ERROR: no matching distribution'; exit 1; fi",
    )


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], int]:
    path = tmp_path / "calls"
    return lambda: len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements-dev.txt"
    path.write_text("one==1.0\ntwo==2.0\n")
    return path


def test_requirements_are_installed_once(
    python: Path, requirements: Path, calls: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    setup.install(python, requirements, "--require-hashes")
    assert "up to 2 packages of requirements-dev.txt" in capsys.readouterr().out
    setup.install(python, requirements, "--require-hashes")
    assert calls() == 1
    assert capsys.readouterr().out == ""


def test_requirements_are_installed_again_when_they_change(
    python: Path, requirements: Path, calls: Callable[[], int]
) -> None:
    setup.install(python, requirements)
    requirements.write_text("one==1.1\n")
    setup.install(python, requirements)
    assert calls() == 2


def test_an_installation_that_failed_says_why_and_is_tried_again(
    python: Path, requirements: Path, calls: Callable[[], int], tmp_path: Path
) -> None:
    setup.install(python, requirements)
    requirements.write_text("one==1.1\n")
    (tmp_path / "broken").touch()
    with pytest.raises(SetupError, match=r"is there a network\?\n  \| ERROR: no matching distribution"):
        setup.install(python, requirements)
    requirements.write_text("one==1.0\ntwo==2.0\n")
    (tmp_path / "broken").unlink()
    setup.install(python, requirements)
    assert calls() == 3


def test_a_lock_file_that_is_missing_is_named(python: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"none\.txt is missing"):
        setup.install(python, tmp_path / "none.txt")


def test_an_environment_is_made_and_then_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interpreter = script(
        tmp_path / "python3",
        f"mkdir -p {tmp_path}/.venv/bin",
        f"ln -s {sys.executable} {tmp_path}/.venv/bin/python",
    )
    python = setup.make_environment(tmp_path / ".venv", interpreter)
    assert "making .venv" in capsys.readouterr().out
    assert setup.make_environment(tmp_path / ".venv", Path("/nonexistent")) == python
    assert capsys.readouterr().out == ""


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(tmp_path / "gone")
    interpreter = script(tmp_path / "python3", f"echo \"$@\" > '{tmp_path}/called'")
    setup.make_environment(tmp_path / ".venv", interpreter)
    assert (tmp_path / "called").read_text() == f"-m venv --clear {tmp_path}/.venv\n"


def test_a_python_that_is_too_old_is_refused_with_one_that_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(setup, "find_interpreter", {"3.12": Path("/opt/python3.12")}.get)
    with pytest.raises(SetupError, match=r"this is Python 3\.9, .*: run it with /opt/python3\.12"):
        setup.check_python()


def test_a_python_without_venv_is_refused_with_the_package_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    monkeypatch.setattr(sys, "version_info", (3, 11, 2))
    with pytest.raises(SetupError, match=r"apt-get install python3\.11-venv"):
        setup.check_python()


def test_the_second_environment_is_left_out_where_there_is_no_other_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "find_interpreter", lambda _version: None)
    assert setup.set_up_second(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """The sources of a page."""
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "src" / "main.tsx").write_text("start()")
    (tmp_path / "web" / "index.html").write_text("<html>")
    return tmp_path / "web"


def test_the_state_of_a_page_moves_with_its_sources_and_with_nothing_else(web: Path) -> None:
    before = setup.page_state(web)
    (web / "README.md").write_text("about it")
    (web / "dist").mkdir()
    assert setup.page_state(web) == before
    states = {before}
    (web / "src" / "main.tsx").write_text("start(1)")
    states.add(setup.page_state(web))
    (web / "src" / "main.tsx").rename(web / "src" / "page.tsx")
    states.add(setup.page_state(web))
    (web / "package-lock.json").write_text("{}")
    states.add(setup.page_state(web))
    assert len(states) == 4
