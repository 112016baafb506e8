"""Makes `taxonomy/`: the taxa of the sample sequences and all above them, as NCBI's dump files have them.

Needs the package taxoniq, whose data are an index of NCBI's taxonomy; which edition, the README says.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent
OUT = DATA / "taxonomy"
ROOT = 1


def lineages() -> dict[int, tuple[int, str, str]]:
    """Taxid -> parent, rank, scientific name."""
    taxon = importlib.import_module("taxoniq").Taxon
    found: dict[int, tuple[int, str, str]] = {}
    for taxid in taxids():
        for node in taxon(taxid).lineage:
            found[node.tax_id] = _row(node)
    return found


def taxids() -> set[int]:
    maps = (DATA / "sequences").glob("*.taxids.txt")
    return {int(line.split()[1]) for each in maps for line in each.read_text("ascii").splitlines()}


def _row(node: Any) -> tuple[int, str, str]:
    parent = ROOT if node.tax_id == ROOT else node.parent.tax_id
    return parent, node.rank.name.replace("_", " "), node.scientific_name


def write(found: dict[int, tuple[int, str, str]]) -> None:
    OUT.mkdir(exist_ok=True)
    rows = sorted(found.items())
    nodes = ((taxid, parent, rank) for taxid, (parent, rank, _) in rows)
    names = ((taxid, name, "", "scientific name") for taxid, (_, _, name) in rows)
    for file, lines in (("nodes", nodes), ("names", names), ("merged", ()), ("delnodes", ())):
        text = "".join("\t|\t".join(map(str, line)) + "\t|\n" for line in lines)
        (OUT / f"{file}.dmp").write_text(text, "utf-8")


if __name__ == "__main__":
    write(lineages())
