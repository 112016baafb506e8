"""`python3 -m local COMMAND`: everything of this project that one machine can do.

Needs nothing but the standard library until it runs in `.venv`, which it makes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local import setup
from local.package import PACKAGE, package

DATA = Path(".local") / "data"
SCREENSHOTS = Path("docs") / "screenshots"
_WORKERS = max(1, min(4, (os.cpu_count() or 2) - 1))
PASSING_ON = ("test", "nightly", "bench")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python3 -m local",
        description="Runs and tests the app on this machine. Each command first sets up what it needs.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="run a real search and read its artifacts back, then end")
    up = commands.add_parser("up", help="start the app and stay up until Ctrl-C or SIGTERM")
    up.add_argument("--port", type=_port, default=7071, help="of the app on 127.0.0.1; 0 for any (7071)")
    up.add_argument(
        "--without-pipeline", action="store_true", help="searches wait for a pipeline of one's own"
    )
    for command in (demo, up):
        command.add_argument("--data", type=Path, default=DATA, help=f"folder of all data and logs ({DATA})")
        command.add_argument(
            "--workers", type=_workers, default=_WORKERS, help=f"processes that build artifacts ({_WORKERS})"
        )
    for name, what in (("test", "lint, types and tests"), ("nightly", "the tests that take long")):
        commands.add_parser(name, help=f"{what}; what follows goes to pytest", usage="%(prog)s [PYTEST …]")
    commands.add_parser(
        "bench", help="measure the short set of benchmarks/, or those named", usage="%(prog)s [NAME …]"
    )
    packing = commands.add_parser("package", help="write the zip file that Azure runs")
    packing.add_argument("--to", type=Path, default=PACKAGE, help=f"the zip file ({PACKAGE})")
    photos = commands.add_parser(
        "screenshots", help="photograph the results page for the docs (needs chromium)"
    )
    photos.add_argument(
        "--to", type=Path, default=SCREENSHOTS, help=f"folder of the pictures ({SCREENSHOTS})"
    )
    commands.add_parser("generate", help="write what follows from the code: settings, schemas, their tables")
    commands.add_parser("lock", help="pin in requirements*.txt what requirements*.in ask for")
    return top


def main(words: Sequence[str]) -> int:
    passed_on: Sequence[str] = ()
    if words and words[0] in PASSING_ON and not {"-h", "--help"} & set(words[1:2]):
        words, passed_on = words[:1], words[1:]
    arguments = parser().parse_args(words)
    try:
        setup.check_python()
        python = setup.set_up()
        if not setup.is_inside():
            return setup.run_again(python, [*words, *passed_on])
        return run(arguments, passed_on)
    except setup.SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def run(arguments: argparse.Namespace, passed_on: Sequence[str]) -> int:
    """Run a command inside `.venv`; its exit status."""
    if arguments.command == "demo":
        from local.demo import demo

        return demo(arguments.data, arguments.workers)
    if arguments.command == "up":
        from local.up import up

        return up(arguments.data, arguments.port, arguments.workers, not arguments.without_pipeline)
    if arguments.command == "lock":
        from local.lock import lock

        return lock()
    if arguments.command == "package":
        return package(arguments.to)
    if arguments.command == "screenshots":
        from local.screenshots import screenshots

        return screenshots(arguments.to)
    if arguments.command == "generate":
        from local.generated import generate

        return generate()
    if arguments.command == "bench":
        return subprocess.call([sys.executable, "-m", "benchmarks", *passed_on], cwd=setup.ROOT)
    from local.checks import nightly, test

    return test(passed_on) if arguments.command == "test" else nightly(passed_on)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError(f"workers are a number from 1 to 64, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
