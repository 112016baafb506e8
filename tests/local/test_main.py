from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local import __main__ as command
from local import checks, setup


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set-up that installs nothing; a mark for each time that it was asked for."""
    asked: list[str] = []

    def set_up() -> Path:
        asked.append("set up")
        return Path(sys.executable)

    monkeypatch.setattr(setup, "set_up", set_up)
    monkeypatch.setattr(setup, "is_inside", lambda: True)
    return asked


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["down"],
        ["demo", "now"],
        ["up", "--port", "65536"],
        ["up", "--port", "-1"],
        ["up", "--workers", "0"],
        ["lock", "--upgrade"],
    ],
    ids=" ".join,
)
def test_words_that_say_nothing_are_refused_before_anything_is_set_up(
    words: list[str], set_up: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code == 2
    assert "usage: python3 -m local" in capsys.readouterr().err
    assert set_up == []


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("demo", "up", "test", "nightly", "package", "generate", "lock"))


@pytest.mark.parametrize("name", ["test", "nightly"])
def test_what_follows_goes_to_pytest(name: str, set_up: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["-k", "stack", "-x", "tests/local"]
    monkeypatch.setattr(checks, name, lambda passed: 0 if passed == words else 1)
    assert command.main([name, *words]) == 0
    assert set_up == ["set up"]


def test_a_failed_set_up_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Path:
        raise setup.SetupError("there is no network")

    monkeypatch.setattr(setup, "set_up", fail)
    assert command.main(["lock"]) == 1
    assert capsys.readouterr().err == "error: there is no network\n"


def test_outside_the_environment_the_command_is_run_again_in_it(
    set_up: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "is_inside", lambda: False)
    monkeypatch.setattr(setup, "run_again", lambda python, words: 7 if words == ["test", "-x"] else 1)
    assert command.main(["test", "-x"]) == 7


def test_the_command_needs_only_the_standard_library() -> None:
    code = f"import sys; sys.path.insert(0, {str(setup.ROOT)!r}); import local.__main__"
    subprocess.run([sys.executable, "-I", "-S", "-W", "error", "-c", code], check=True)
