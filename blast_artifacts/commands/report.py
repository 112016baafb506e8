"""`report DIR`: one HTML file of a built folder, to hand around; it opens without a network."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.commands.outcome import COMPLETE, NOT_COMPLETE, UsageError
from blast_artifacts.commands.taxonomy import add_taxonomy_to

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers

TEMPLATE = Path(__file__).parents[2] / "web" / "dist-report" / "report.html"
"""The page with all of its code in one file, which set-up builds in a checkout."""

PLACE = "@report@"
MARK = b'content="blast_artifacts report"'
"""Stands in the head of the template, and so of every report."""

MAIL_BYTES = 7_000_000
"""The largest report: mail makes a third more of it, and many servers refuse 10 MB."""

_HEAD_BYTES = 2000


def add_to(commands: Parsers) -> None:
    command = commands.add_parser("report", help="make one HTML file of a built result, to hand around")
    command.add_argument("folder", type=Path, metavar="DIR", help="folder that build has written")
    command.add_argument("--out", type=Path, metavar="FILE", help="the report (DIR/report.html)")
    add_taxonomy_to(command)
    command.set_defaults(run=report)


def report(options: argparse.Namespace) -> int:
    """Writes the report; exit code 3 where the result itself is not complete."""
    from blast_artifacts.commands.report_contents import LONGEST, contents_within

    if not TEMPLATE.is_file():
        raise UsageError(
            "the template of reports is not there: in a checkout `python3 -m local package` builds it"
        )
    folder = BuiltFolder(options.folder, options.taxonomy, LONGEST)
    out: Path = options.out or options.folder / "report.html"
    try:
        _check_out(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    before, after = TEMPLATE.read_bytes().split(PLACE.encode())
    contents, text = contents_within(folder, MAIL_BYTES - len(before) - len(after))
    _write(out, before + text + after)
    of_queries = sum(1 for one in contents["of_queries"] if one["row"])
    print(f"{out}: {out.stat().st_size:,} bytes, queries with hits: {of_queries:,}")
    for sentence in contents["left_out"]:
        print(f"  left out: {sentence}")
    return COMPLETE if contents["manifest"]["complete"] else NOT_COMPLETE


def _check_out(out: Path) -> None:
    """Only an earlier report is replaced."""
    if not out.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {out.absolute().parent}")
    if out.is_dir():
        raise UsageError(f"{out} is a folder: name a file in --out")
    if out.exists() and not _is_report(out):
        raise UsageError(f"{out} is there and is not an earlier report: choose another --out")


def _is_report(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return MARK in file.read(_HEAD_BYTES)
    except OSError:
        return False


def _write(out: Path, content: bytes) -> None:
    """The report, whole or not at all."""
    fresh = out.with_name(f".report.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(out)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> UsageError:
    return UsageError(f"{out} cannot be written: {error.strerror}")
