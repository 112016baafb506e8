"""What pictures of one query are drawn from: its subjects, best first, each with the places of its HSPs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from blast_artifacts.tables.regroup import NUMBERED
from blast_artifacts.tables.sums import EVALUE_EDGES, IDENTITY_EDGES, count_in
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.aggregate import bins
from blast_artifacts.views.chosen import Chosen, choose, passing_places
from blast_artifacts.views.filters import query_filter
from blast_artifacts.views.graphic import MOST_HSPS, Graphic
from blast_artifacts.views.names import with_names
from blast_artifacts.views.order import order_of
from blast_artifacts.views.pages import Row, query_key
from blast_artifacts.views.parts import Tables
from blast_artifacts.views.question import Question
from blast_artifacts.views.result import QUERY_KEY, last_rounds, of_round

ENVELOPE = ("schema_version", "job_id", "run", "complete", "sources", "warnings")
HSP_COLUMNS = ("qstart", "qend", "sstart", "send", "bitscore", "evalue", "pident")
_PAIR = (
    *("subject", "title", "max_score", "total_score", "query_cover", "evalue", "min_evalue", "per_ident"),
    *("acc_len", "hsps", "taxids", "names"),
)


def drawing(asked: Graphic, default: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """The picture; `default` is the artifact of the descriptions, whose envelope it bears."""
    envelope = {name: default[name] for name in ENVELOPE}
    query = _query(asked, tables)
    key = query["query_key"] if query else None
    round_ = of_round(query) if query else {}
    question = Question(ArtifactType.DESCRIPTIONS, {**asked.filters, "query": key or "", **round_})
    chosen = choose(question, tables, order_of(question), MOST_HSPS, None)
    stored = tables.of_pairs.rows(chosen.places, [*QUERY_KEY, "source", *_PAIR])
    pairs = with_names(stored, tables.taxonomy)
    hits = _hits(tables, question, _drawn(pairs))
    rows = _rows(pairs, hits)
    return {
        **envelope,
        "query": query["query"] if query else None,
        "query_key": key,
        "query_title": query["title"] if query else None,
        "query_length": query["length"] if query else None,
        "extent": _extent(query["length"] if query else None, rows),
        **_counts(tables, question, chosen),
        "hsp_columns": list(HSP_COLUMNS),
        "shown_subjects": len(rows),
        "shown_hsps": sum(len(row["hsps"]) for row in rows),
        "rows": rows,
    }


def _query(asked: Graphic, tables: Tables) -> Row | None:
    """The last round of the query that is drawn: of several with the id asked for, the first with hits."""
    queries = last_rounds(tables.queries())
    if "query" in asked.filters:
        queries = queries.filter(query_filter(asked.filters["query"], "query"))
    with_hits = queries.filter(pl.col("subjects") > 0)
    first = (queries if "query" in asked.filters and with_hits.is_empty() else with_hits).head(1)
    return first.with_columns(query_key()).row(0, named=True) if first.height else None


def _drawn(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that there is room for, the last maybe in part; `rank` is the row they are drawn in."""
    before = pl.col("hsps").cum_sum().shift(1, fill_value=0)
    ranked = pairs.select(*QUERY_KEY, "subject", "hsps", file=_file_of("subject")).with_row_index("rank")
    return ranked.filter(before < MOST_HSPS).drop("hsps")


def _file_of(subject: str) -> pl.Expr:
    """The file of a pair that is of it alone: the subject is an ordinal of a database, or no query told."""
    alone = pl.col(subject).str.contains(NUMBERED, literal=True) | pl.col("qindex").is_null()
    return pl.when(alone).then(pl.col("source"))


def _hits(tables: Tables, pairs: Question, drawn: pl.DataFrame) -> dict[int, list[list[Any]]]:
    """The best HSPs of these pairs that there is room for, in file order, by the row they are drawn in."""
    kept = {name: pairs.filters[name] for name in ("query", "iteration") if name in pairs.filters}
    question = Question(ArtifactType.ALIGNMENTS, kept)
    best: list[pl.DataFrame] = []
    for slab in tables.of_hits.slabs(texts=True) if drawn.height else ():
        places = passing_places(question, tables, slab)
        if len(places):
            best = [_best(pl.concat([*best, _placed(tables, places, drawn)]))]
    by_rank: dict[int, list[list[Any]]] = {}
    for found in best:
        for rank, *hsp in found.sort("place").select("rank", *HSP_COLUMNS).iter_rows():
            by_rank.setdefault(rank, []).append(hsp)
    return by_rank


def _placed(tables: Tables, places: pl.Series, drawn: pl.DataFrame) -> pl.DataFrame:
    """The HSPs at these places that are of pairs that are drawn, with the rank of these."""
    hits = tables.of_hits.rows(places, [*QUERY_KEY, "source", "sseqid", *HSP_COLUMNS])
    mine = hits.with_columns(place=places, subject="sseqid", file=_file_of("sseqid"))
    keys = [*QUERY_KEY, "subject", "file"]
    found = mine.join(drawn, on=keys, how="inner", nulls_equal=True, maintain_order="left")
    return found.select("rank", "place", *HSP_COLUMNS)


def _best(hits: pl.DataFrame) -> pl.DataFrame:
    order = hits.sort("rank", "bitscore", "place", descending=[False, True, False], nulls_last=True)
    return order.head(MOST_HSPS)


def _rows(pairs: pl.DataFrame, hits: Mapping[int, list[list[Any]]]) -> list[Row]:
    shown = pairs.head(max(hits, default=-1) + 1).with_columns(pl.col("query_cover", "per_ident").round(2))
    rows = shown.select(*_PAIR).rename({"hsps": "hsps_total"}).to_dicts()
    return [{**row, "hsps": hits.get(rank, [])} for rank, row in enumerate(rows)]


def _extent(length: int | None, rows: list[Row]) -> int | None:
    """The last position of the query that is drawn: with -query_loc HSPs lie beyond the length told (P63)."""
    ends = [end for row in rows for hsp in row["hsps"] for end in hsp[:2] if end is not None]
    return max([*ends, *([length] if length is not None else [])], default=None)


def _counts(tables: Tables, question: Question, chosen: Chosen) -> dict[str, Any]:
    """How many pairs and HSPs pass, and how the pairs are spread."""
    evalues, identities, hsps = [0] * len(EVALUE_EDGES), [0] * len(IDENTITY_EDGES), 0
    for slab in tables.of_pairs.slabs():
        places = passing_places(question, tables, slab)
        count_in(evalues, tables.of_pairs.values_in(slab, "evalue", places), EVALUE_EDGES)
        count_in(identities, tables.of_pairs.values_in(slab, "shown_identity", places), IDENTITY_EDGES)
        hsps += int(tables.of_pairs.values_in(slab, "hsps", places).sum())
    return {
        "subjects": chosen.filtered,
        "hsps": hsps,
        "excluded_unknown": chosen.excluded_unknown,
        "evalue_distribution": bins(EVALUE_EDGES, None, evalues),
        "evalue_unknown": chosen.filtered - sum(evalues),
        "identity_distribution": bins(IDENTITY_EDGES, 100.0, identities),
        "identity_unknown": chosen.filtered - sum(identities),
    }
