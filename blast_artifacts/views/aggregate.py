"""The result in figures: totals, distributions, averages, the most frequent subjects, the best hits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from blast_artifacts.tables.sums import AVERAGED, EVALUE_EDGES, IDENTITY_EDGES
from blast_artifacts.views.descriptions import best_of_queries, description_rows
from blast_artifacts.views.names import with_names
from blast_artifacts.views.pages import Row
from blast_artifacts.views.result import QUERY_KEY, Result
from blast_artifacts.views.subjects import Subjects
from shared.settings import settings

PROTEIN_ALIGNMENTS = frozenset(
    {"blastp", "blastx", "tblastn", "tblastx", "psiblast", "deltablast", "rpsblast", "rpstblastn"}
)
PROTEIN_QUERIES = frozenset({"blastp", "tblastn", "psiblast", "deltablast", "rpsblast"})
PROTEIN_SUBJECTS = frozenset({"blastp", "blastx", "psiblast", "deltablast", "rpsblast", "rpstblastn"})
POPULATIONS = {
    "subjects": "distinct subject sequences of all queries",
    "pairs": "query and subject pairs",
    "hsps": "local alignments",
    "evalue_distribution": "pairs, by the E value of their best HSP",
    "identity_distribution": "pairs, by the identity of their best HSP",
    "averages": "pairs where the value is known; identity and alignment length of the best HSP",
}


def aggregate(result: Result, subjects: Subjects) -> dict[str, Any]:
    """All figures of the result."""
    sums = result.sums
    return {
        "totals": {
            **_totals(result, subjects.count, sums.hsps),
            "scores_rounded": result.scores_rounded,
        },
        "evalue_distribution": bins(EVALUE_EDGES, None, sums.evalue_bins),
        "evalue_unknown": sums.pairs - sum(sums.evalue_bins),
        "identity_distribution": bins(IDENTITY_EDGES, 100.0, sums.identity_bins),
        "identity_unknown": sums.pairs - sum(sums.identity_bins),
        "averages": {name: sums.average(name) for name in AVERAGED},
        "units": _units(result.program),
        "populations": POPULATIONS,
        "top_subjects": subjects.top,
        "best_hits": _best_hits(result),
    }


def _totals(result: Result, subjects: int, hsps: int) -> dict[str, int | None]:
    if not result.tables_read:
        return dict.fromkeys(("queries", "queries_with_hits", "subjects", "pairs", "hsps"))
    if not result.knows_queries:
        return {
            **dict.fromkeys(("queries", "queries_with_hits", "pairs")),
            "subjects": subjects,
            "hsps": hsps,
        }
    with_hits = result.queries.filter(pl.col("subjects") > 0)
    queries: int | None = result.queries.select("batch", "qindex").unique().height
    if not queries and result.reports:
        queries = None  # only an empty file: nothing tells how many queries were searched
    return {
        "queries": queries,
        "queries_with_hits": with_hits.select("batch", "qindex").unique().height,
        "subjects": subjects,
        "pairs": result.sums.pairs,
        "hsps": hsps,
    }


def bins(edges: Sequence[float], end: float | None, counts: Sequence[int]) -> list[dict[str, Any]]:
    """Bins from their lower edge (inclusive) to their upper one; the last bin has its end in it."""
    uppers = [*edges[1:], end]
    return [
        {"from": low, "to": high, "count": count}
        for low, high, count in zip(edges, uppers, counts, strict=True)
    ]


def _units(program: str | None) -> dict[str, str | None]:
    if program is None:
        return {"query_length": None, "acc_len": None, "align_length": None}
    return {
        "query_length": "aa" if program in PROTEIN_QUERIES else "nt",
        "acc_len": "aa" if program in PROTEIN_SUBJECTS else "nt",
        "align_length": "aa" if program in PROTEIN_ALIGNMENTS else "nt",
    }


def _best_hits(result: Result) -> list[Row]:
    """The first pair, in NCBI's order, of each of the first queries that have one."""
    first = result.queries.filter(pl.col("subjects") > 0).select(QUERY_KEY).head(settings().best_hits)
    return description_rows(with_names(best_of_queries(result, first), result.taxonomy))
