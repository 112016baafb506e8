"""Other Pythons of this machine, found by running them: a python3.13 on the PATH may be a shim that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
_PROBE_SECONDS = 20


def find_interpreter(version: str) -> Path | None:
    """A working Python of that version, as "3.13", that can make virtual environments."""
    return next((path for path in _candidates(version) if _is(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    """What may be that Python: by name in every folder of the PATH, then what pyenv has."""
    name = f"python{version}.exe" if sys.platform == "win32" else f"python{version}"
    for folder in os.get_exec_path():
        yield Path(folder) / name
    versions = _pyenv_root() / "versions"
    for installed in sorted(versions.glob(f"{version}.*"), key=_patch_level, reverse=True):
        yield installed / "python.exe" if sys.platform == "win32" else installed / "bin" / name


def _pyenv_root() -> Path:
    said = _first_line(["pyenv", "root"])
    return Path(said or os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def _patch_level(folder: Path) -> int:
    last = folder.name.rpartition(".")[2]
    return int(last) if last.isdigit() else -1


def _is(path: Path, version: str) -> bool:
    return path.is_file() and _first_line([str(path), "-c", _PROBE]) == version


def _first_line(command: list[str]) -> str | None:
    """What a command writes first, or None where it fails in any way."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").partition("\n")[0].strip()
