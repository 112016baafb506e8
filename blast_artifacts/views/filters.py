"""Filters over a table's columns; they compare what its rows show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from blast_artifacts.reading.identity import subject_key
from blast_artifacts.tables.taxa import with_lists
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.canonical import digest
from blast_artifacts.views.part_table import Make
from blast_artifacts.views.question import Question
from blast_artifacts.views.result import QUERY_KEY

_QUERY_KEY = re.compile(r"@(\d{1,9}):(\d{1,9})", re.ASCII)

RANGES: Mapping[str, tuple[str, bool]] = {
    "min_identity": ("identity", True),
    "max_identity": ("identity", False),
    "min_query_cover": ("cover", True),
    "max_query_cover": ("cover", False),
    "min_bitscore": ("bits", True),
    "min_evalue": ("evalue", True),
    "max_evalue": ("evalue", False),
}
"""What each filter compares, and whether it gives the lowest value (or the highest)."""

PLACES = ("qstart", "qend", "sstart", "send")
"""What the filter `places` compares, each with one of its four positions."""

_OF_PAIRS = {
    "identity": "shown_identity",
    "cover": "shown_cover",
    "bits": "max_score",
    "evalue": "evalue",
}
_OF_HITS = {"identity": "pident", "cover": "hsp_cover", "bits": "bitscore", "evalue": "evalue"}


def hsp_cover(query_lengths: Callable[[], pl.DataFrame]) -> Make:
    """The share of the query that one HSP covers, in percent; the lengths are those of the query table.

    BLAST's own `qcovhsp` is not compared: for translated queries it is a third of what it should be.
    """

    def make(hits: pl.LazyFrame) -> pl.LazyFrame:
        placed = hits.select(*QUERY_KEY, "qstart", "qend", "qlen")
        lengths = query_lengths().lazy()
        known = placed.join(lengths, on=QUERY_KEY, how="left", nulls_equal=True, maintain_order="left")
        length = pl.coalesce("qlen", "query_length")
        positions = (pl.col("qend") - pl.col("qstart")).abs() + 1
        return known.select(hsp_cover=pl.when(length > 0).then(100.0 * positions / length).round(2))

    return make


def compared(question: Question) -> set[str]:
    """The columns that the numeric filters of a question compare."""
    found = {_column(question, value) for name, (value, _) in RANGES.items() if name in question.filters}
    return found.union(PLACES) if "places" in question.filters else found


def ranges(question: Question) -> pl.Expr:
    """Whether a row passes the numeric filters: null where only an unknown value speaks against it."""
    passed = [pl.repeat(True, pl.len())]
    for name, (value, lowest) in RANGES.items():
        if name in question.filters:
            column, bound = pl.col(_column(question, value)), question.filters[name]
            passed.append(column >= bound if lowest else column <= bound)
    if "places" in question.filters:
        passed += [pl.col(name) == at for name, at in zip(PLACES, question.filters["places"], strict=True)]
    return pl.all_horizontal(passed)


def _column(question: Question, value: str) -> str:
    return (_OF_HITS if question.table is ArtifactType.ALIGNMENTS else _OF_PAIRS)[value]


def words(question: Question, taxonomy: Taxonomy | None) -> dict[str, pl.Expr]:
    """The other filters, each true or false, under a name that tells what it asks.

    `older` is no parameter of a request: the rounds of queries that are not meant.
    """
    asked: Mapping[str, Any] = question.filters
    hits = question.table is ArtifactType.ALIGNMENTS
    mark = taxonomy.mark if taxonomy else ""
    given: dict[str, pl.Expr] = {}
    if "query" in asked:
        given[f"query {asked['query']}"] = query_filter(asked["query"], "qseqid" if hits else "query")
    if "iteration" in asked:
        given[f"iteration {asked['iteration']}"] = pl.col("iteration") == asked["iteration"]
    if "older" in asked:
        rounds = pl.Series(asked["older"], dtype=pl.Struct(dict.fromkeys(QUERY_KEY, pl.Int64)))
        given[f"not {digest(asked['older'])}"] = ~pl.struct(QUERY_KEY).is_in(rounds.implode())
    if "subject" in asked:
        given[f"subject {asked['subject']}"] = subject_filter(
            asked["subject"], "sseqid" if hits else "subject"
        )
    if "organism" in asked:
        text = asked["organism"].lower()
        given[f"organism {text} {mark}"] = organism_filter(text, taxonomy)
    if "taxid" in asked:
        given[f"taxid {asked['taxid']} {mark}"] = taxid_filter(asked["taxid"], taxonomy)
    if "status" in asked:
        given["status"] = pl.col("status").is_in(list(asked["status"]))
    if "text" in asked:
        given["text"] = text_filter(asked["text"])
    return {name: passed.fill_null(False) for name, passed in given.items()}


def made_of(question: Question, name: str, passed: pl.Expr) -> Make:
    """Makes the column of one of the words; of HSPs the taxa are those that their own rows show."""
    if question.table is ArtifactType.ALIGNMENTS and name.startswith(("organism ", "taxid ")):
        return lambda hits: _with_taxa(hits).select(passed.alias(name))
    return lambda rows: rows.select(passed.alias(name))


def _with_taxa(hits: pl.LazyFrame) -> pl.LazyFrame:
    return with_lists(hits.select("staxids", "sscinames", "deflines").collect()).lazy()


def query_filter(asked: str, column: str) -> pl.Expr:
    """Rows of a query, by its key or its id."""
    if key := _QUERY_KEY.fullmatch(asked):
        batch, qindex = map(int, key.groups())
        return (pl.col("batch") == batch) & (pl.col("qindex") == qindex)
    return pl.col(column) == asked


def subject_filter(asked: str, column: str) -> pl.Expr:
    """Rows of a subject, by its id as it is shown or in another of BLAST's spellings."""
    return pl.col(column).is_in({asked, subject_key(asked)})


def organism_filter(asked: str, taxonomy: Taxonomy | None) -> pl.Expr:
    """Rows with a name that contains the text, be it the format's or the taxonomy's."""
    named = pl.col("names").list.eval(_contains(pl.element(), asked)).list.any().fill_null(False)
    return named | _any_of(taxonomy.named(asked)).fill_null(False) if taxonomy else named


def taxid_filter(asked: int, taxonomy: Taxonomy | None) -> pl.Expr:
    """Rows with this taxid, or where there is a taxonomy with one below it."""
    return _any_of(taxonomy.below(asked) if taxonomy else pl.Series([asked]))


def _any_of(taxids: pl.Series) -> pl.Expr:
    return pl.col("taxids").list.eval(pl.element().is_in(taxids.cast(pl.Int64).implode())).list.any()


def text_filter(asked: str) -> pl.Expr:
    """Queries with the text in id or title."""
    return _contains(pl.col("query"), asked) | _contains(pl.col("title"), asked).fill_null(False)


def _contains(text: pl.Expr, asked: str) -> pl.Expr:
    return text.str.to_lowercase().str.contains(asked.lower(), literal=True)
