"""What lineages tell of the organisms of a result: how close they are, what they share, their tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any

import polars as pl

from blast_artifacts.tables.taxonomy import Node, Taxon
from blast_artifacts.views.pages import Row

Known = Mapping[int, Taxon]
"""Taxa by the taxids that the results bear."""

MOST_TAXA = 1000
"""Organisms that a tree shows, the best first; it says how many it left out."""
NEAR_THE_BEST = 0.99
"""Share of the best bit score from which organisms count for the common ancestor (P55)."""


def distances(taxids: Iterable[int], focus: int | None, known: Known) -> list[int | None]:
    """How many taxa of the focus's lineage, itself included, each does not share: 0 for the focus."""
    path = known[focus].path if focus is not None and focus in known else None
    return [
        len(path) - _shared(path, known[taxid].path) if path is not None and taxid in known else None
        for taxid in taxids
    ]


def _shared(one: Collection[Node], other: Collection[Node]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def common_ancestor(taxa: pl.DataFrame, known: Known) -> Row | None:
    """The lowest taxon above all organisms with bits within 1 % of the best; order does not count."""
    best = taxa["best_bits"].max()
    if not isinstance(best, float):
        return None
    near = taxa.filter(pl.col("best_bits") >= NEAR_THE_BEST * best)["taxid"]
    paths = [known[taxid].path for taxid in near if taxid in known]
    if not paths:
        return None
    shared = min(_shared(paths[0], path) for path in paths)
    return asdict(paths[0][shared - 1]) if shared else asdict(_ROOT)


_ROOT = Node(1, "root", None)


@dataclass(slots=True)
class _Branch:
    node: Node
    own: Row | None = None
    children: dict[int, _Branch] = field(default_factory=dict)


def tree(taxa: pl.DataFrame, known: Known) -> dict[str, Any] | None:
    """NCBI's taxonomy report: hits and organisms add up along the branches.

    `hits` counts a subject of k taxids k times, `pairs` it with each query; `own_hits` are those of the taxon
    itself. A taxon without hits of its own is shown only where branches meet. `taxa` come best first.
    """
    rows = [row for row in taxa.to_dicts() if row["taxid"] in known]
    if not rows:
        return None
    root = _Branch(_ROOT)
    for row in rows[:MOST_TAXA]:
        branch = root
        for node in known[row["taxid"]].path:
            branch = branch.children.setdefault(node.taxid, _Branch(node))
        branch.own = _sum([branch.own, row]) if branch.own else _sum([row])
    return {"left_out": max(0, len(rows) - MOST_TAXA), **_pruned(root)}


def _sum(rows: Iterable[Row]) -> Row:
    rows = list(rows)
    bits = [row["best_bits"] for row in rows if row["best_bits"] is not None]
    return {
        "subjects": sum(row["subjects"] for row in rows),
        "pairs": sum(row["pairs"] for row in rows),
        "hsps": sum(row["hsps"] for row in rows),
        "best_bits": max(bits, default=None),
    }


def _pruned(branch: _Branch) -> dict[str, Any]:
    children = [_pruned(child) for child in branch.children.values()]
    if branch.own is None and len(children) == 1:
        return children[0]
    own = branch.own or {"subjects": 0, "pairs": 0, "hsps": 0, "best_bits": None}
    bits = [part["best_bits"] for part in (own, *children) if part["best_bits"] is not None]
    children.sort(key=lambda child: (-(child["best_bits"] or 0.0), child["taxid"]))
    return {
        **asdict(branch.node),
        "organisms": (branch.own is not None) + sum(child["organisms"] for child in children),
        "own_hits": own["subjects"],
        "hits": own["subjects"] + sum(child["hits"] for child in children),
        "pairs": own["pairs"] + sum(child["pairs"] for child in children),
        "hsps": own["hsps"] + sum(child["hsps"] for child in children),
        "best_bits": max(bits, default=None),
        "children": children,
    }
