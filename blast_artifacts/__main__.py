"""The command line: `build`, `query`, `report`, `taxonomy`, and what operators need."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from blast_artifacts.commands import build, jobs, query, report, taxonomy
from blast_artifacts.commands.outcome import USAGE, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; the exit code is 0 complete, 3 not complete, 2 usage or nothing to read."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # names of files need not be UTF-8
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        print(f"blast_artifacts: {error}", file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m blast_artifacts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for family in (build, query, report, taxonomy, jobs):
        family.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
