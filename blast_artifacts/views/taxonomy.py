"""The organisms the subjects come from; counts are subjects, not HSPs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.views.lineages import common_ancestor, distances, tree
from blast_artifacts.views.pages import PAGE_SIZE, Row, next_cursor
from blast_artifacts.views.result import Result
from blast_artifacts.views.subjects import Subjects, summed_taxa

ORDER = ("best_evalue", "best_bits", "subjects", "taxid")
_DESCENDING = [False, True, True, False]


def organisms(result: Result, subjects: Subjects) -> dict[str, Any]:
    """The first page of taxa, ordered by their best hit; a subject of k taxids counts for each."""
    found = Organisms(subjects, result.taxonomy)
    shown = found.taxa.head(PAGE_SIZE)
    last = shown.select(ORDER).row(-1) if shown.height else ()
    total = found.taxa.height
    return {
        "total": total,
        "filtered": total,
        "excluded_unknown": 0,
        "organism_source": "format" if total else None,
        "lineage_source": found.lineage_source,
        "page_size": PAGE_SIZE,
        "next_cursor": next_cursor(result, "taxonomy", total > PAGE_SIZE, last),
        **found.summary(),
        "rows": found.rows(shown),
    }


class Organisms:
    """The taxa of some subjects, with what a taxonomy table knows of them; without one taxids stay bare.

    `taxa` come best first and have a `distance` from the best organism, null where it is unknown.
    """

    def __init__(self, subjects: Subjects, taxonomy: Taxonomy | None) -> None:
        self._subjects = subjects
        self.lineage_source = "taxonomy_table" if taxonomy else None
        taxa = subjects.taxa.sort(ORDER, descending=_DESCENDING, nulls_last=True)
        taxids = taxa["taxid"].to_list()
        self._known = taxonomy.of(taxids) if taxonomy and taxids else {}
        table = [self._known[taxid].node.name if taxid in self._known else None for taxid in taxids]
        away = distances(taxids, taxids[0] if taxids else None, self._known)
        self.taxa = taxa.with_columns(
            pl.coalesce("name", pl.Series(table, dtype=pl.String)),
            distance=pl.Series(away, dtype=pl.Int64),
        )
        self._unresolved = pl.Series([bool(taxonomy) and taxid not in self._known for taxid in taxids])

    def summary(self) -> dict[str, Any]:
        """What is said of all of them together."""
        lost = self.taxa.filter(self._unresolved) if self.taxa.height else self.taxa
        return {
            "subjects": self._subjects.count,
            "subjects_with_several_taxids": self._subjects.several,
            "unassigned": self._subjects.unassigned,
            "unresolved": summed_taxa(lost),
            "common_ancestor": common_ancestor(self.taxa, self._known),
            "tree": tree(self.taxa, self._known),
        }

    def rows(self, taxa: pl.DataFrame) -> list[Row]:
        """Some of the taxa as the table shows them."""
        return [self._row(taxon) for taxon in taxa.to_dicts()]

    def _row(self, taxon: Row) -> Row:
        known = self._known.get(taxon["taxid"])
        return {
            "taxid": taxon["taxid"],
            "current_taxid": known.node.taxid if known else None,
            "name": taxon["name"],
            "rank": known.node.rank if known else None,
            "blast_name": known.blast_name if known else None,
            "lineage": [asdict(node) for node in known.lineage] if known else [],
            "distance": taxon["distance"],
            "subjects": taxon["subjects"],
            "pairs": taxon["pairs"],
            "hsps": taxon["hsps"],
            "best_bits": taxon["best_bits"],
            "best_evalue": taxon["best_evalue"],
        }
