"""The organisms the subjects come from; counts are subjects, not HSPs."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.views.pages import PAGE_SIZE, Row, next_cursor
from blast_artifacts.views.result import Result
from blast_artifacts.views.subjects import Subjects

ORDER = ("best_evalue", "best_bits", "subjects", "taxid")
_DESCENDING = [False, True, True, False]


def taxonomy(result: Result, subjects: Subjects) -> dict[str, Any]:
    """The first page of taxa, ordered by their best hit; a subject of k taxids counts for each."""
    taxa = subjects.taxa.sort(ORDER, descending=_DESCENDING, nulls_last=True)
    shown = taxa.head(PAGE_SIZE)
    last = shown.select(ORDER).row(-1) if shown.height else ()
    return {
        "total": taxa.height,
        "filtered": taxa.height,
        "excluded_unknown": 0,
        "subjects": subjects.count,
        "subjects_with_several_taxids": subjects.several,
        "unassigned": subjects.unassigned,
        "organism_source": "format" if taxa.height else None,
        "lineage_source": None,
        "tree": None,
        "page_size": PAGE_SIZE,
        "next_cursor": next_cursor(result, "taxonomy", taxa.height > PAGE_SIZE, last),
        "rows": taxon_rows(shown),
    }


def taxon_rows(taxa: pl.DataFrame) -> list[Row]:
    """Taxa as the table shows them."""
    return [_row(taxon) for taxon in taxa.to_dicts()]


def _row(taxon: Row) -> Row:
    """A taxon as the format tells it: rank, BLAST name and lineage need a taxonomy table."""
    return {
        "taxid": taxon["taxid"],
        "name": taxon["name"],
        "rank": None,
        "blast_name": None,
        "lineage": [],
        "subjects": taxon["subjects"],
        "pairs": taxon["pairs"],
        "hsps": taxon["hsps"],
        "best_bits": taxon["best_bits"],
        "best_evalue": taxon["best_evalue"],
    }
