"""`taxonomy TAXDUMP`: the lookup table of names and lineages."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from blast_artifacts.commands.outcome import COMPLETE, UsageError
from blast_artifacts.files import plain_path
from shared.words import counted

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers
    from blast_artifacts.tables.taxonomy import Taxonomy


def add_to(commands: Parsers) -> None:
    command = commands.add_parser("taxonomy", help="make the table of names and lineages of NCBI's taxdump")
    command.add_argument(
        "taxdump", type=Path, metavar="TAXDUMP", help="folder, .tar.gz or .zip of NCBI's dump"
    )
    command.add_argument("--out", type=Path, default=Path("taxonomy.parquet"), metavar="TABLE")
    command.set_defaults(run=make_taxonomy)


def make_taxonomy(options: argparse.Namespace) -> int:
    """Writes the lookup table of a taxdump; nothing is fetched."""
    from blast_artifacts.tables.taxdump import NoTaxdump, write_table

    if not options.taxdump.exists():
        raise UsageError(f"no such file or folder: {options.taxdump}")
    if not options.out.absolute().parent.is_dir():
        raise UsageError(f"no such folder: {options.out.parent}")
    try:
        out: Path = options.out.absolute()
        taxa = write_table(plain_path(options.taxdump), plain_path(out.parent) / out.name)
    except NoTaxdump as error:
        raise UsageError(str(error)) from error
    print(f"{options.out}: {counted(taxa, 'taxon', 'taxa')}")
    return COMPLETE


def add_taxonomy_to(command: argparse.ArgumentParser) -> None:
    """The option that names such a table."""
    command.add_argument(
        "--taxonomy", type=Path, metavar="TABLE", help="table that the taxonomy command made: adds lineages"
    )


def opened_taxonomy(path: Path | None) -> Taxonomy | None:
    """The table that the option names."""
    if path is None:
        return None
    from blast_artifacts.tables.taxonomy import NoTable, Taxonomy

    try:
        return Taxonomy.opened(plain_path(path))
    except NoTable as error:
        raise UsageError(f"{error}: make one with the taxonomy command") from error
