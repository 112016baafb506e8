"""`query DIR TABLE`: a page of a table of a built folder, asked as over HTTP."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.commands.outcome import COMPLETE, UsageError
from blast_artifacts.commands.taxonomy import add_taxonomy_to
from blast_artifacts.views.parameters import PARAMETERS, Parameter
from shared.words import counted

TABLES = {table.removeprefix("result_"): table for table in PARAMETERS}
_LONGEST_CELL = 40

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers


def add_to(commands: Parsers) -> None:
    """DIR, the table, and an option for each parameter that one of the tables has."""
    command = commands.add_parser("query", help="ask a table of a built result for rows")
    command.set_defaults(run=query)
    command.add_argument("folder", type=Path, metavar="DIR", help="folder that build has written")
    command.add_argument("table", choices=TABLES, help="what is asked")
    every: dict[str, list[Parameter]] = {}
    for parameters in PARAMETERS.values():
        for parameter in parameters:
            every.setdefault(parameter.name, []).append(parameter)
    for name, (parameter, *_) in every.items():
        sentence = "The column to sort by." if name == "sort" else parameter.sentence
        command.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=sentence)
    add_taxonomy_to(command)
    command.add_argument("--json", action="store_true", help="print the answer as JSON, as over HTTP")


def query(options: argparse.Namespace) -> int:
    """Asks a built result for a page of a table."""
    from blast_artifacts.views.canonical import canonical_json
    from blast_artifacts.views.cursor import CursorExpired
    from blast_artifacts.views.parameters import BadQuestion

    try:
        answered = _answered(options)
    except (BadQuestion, CursorExpired) as error:
        raise UsageError(str(error)) from error
    if options.json:
        print(canonical_json(answered).decode())
    else:
        _print_table(answered)
    return COMPLETE


def _answered(options: argparse.Namespace) -> dict[str, Any]:
    names = {parameter.name for parameters in PARAMETERS.values() for parameter in parameters}
    given = {name: getattr(options, name) for name in sorted(names) if getattr(options, name) is not None}
    return BuiltFolder(options.folder, options.taxonomy).answer(TABLES[options.table], given)


def _print_table(answered: Mapping[str, Any]) -> None:
    """The rows in columns on standard output, and on standard error how many there are and what follows."""
    rows = answered["rows"]
    columns = [name for name in (rows[0] if rows else {}) if any(row[name] is not None for row in rows)]
    lines = [columns, *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines if rows else []:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    passing = counted(answered["filtered"], "row that passes", "rows that pass")
    said = f"{len(rows):,} of {passing}, of {answered['total']:,} in all"
    if answered["excluded_unknown"]:
        said += f"; {counted(answered['excluded_unknown'], 'more has', 'more have')} no value to compare"
    if answered["next_cursor"]:
        said += f"\nnext page: --cursor {answered['next_cursor']}"
    print(said, file=sys.stderr)


def _cell(value: Any) -> str:
    """A value as one short line; what is unknown is `-`."""
    if value is None:
        return "-"
    if isinstance(value, list):
        value = ";".join(map(str, value))
    text = " ".join(str(value).split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= _LONGEST_CELL else printable[: _LONGEST_CELL - 1] + "…"
