"""The distinct subjects of a result: their number, the most frequent, and the taxa they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.views.names import with_names
from blast_artifacts.views.pages import Row, fetch_rows
from blast_artifacts.views.result import Result
from shared.settings import settings

AT_ONCE = 500_000
_COUNTS = (
    pl.col("pairs", "hsps").sum(),
    pl.col("best_bits").max(),
    pl.col("best_evalue").min(),
)


@dataclass(slots=True)
class Subjects:
    """What one pass over the distinct subjects tells.

    `taxa` has a row a taxid (taxid, name, subjects, pairs, hsps, best_bits, best_evalue), with a subject of
    several taxids in each of them; `unassigned` are the subjects without one, `several` counts those with
    more.
    """

    count: int
    top: list[Row]
    taxa: pl.DataFrame
    unassigned: Row
    several: int


def survey_subjects(result: Result) -> Subjects:
    """What the distinct subjects of a whole result are."""
    return survey_pairs(result.pairs(), result.sums.pairs, result.taxonomy)


def survey_pairs(pairs: pl.LazyFrame, count_of_pairs: int, taxonomy: Taxonomy | None = None) -> Subjects:
    """Goes over all distinct subjects, about half a million at a time."""
    count, several = 0, 0
    tops, taxa, without = [_NONE.to_frame()], [_by_taxon(_NONE.to_frame())], [_summed(_NONE.to_frame())]
    for subjects in _distinct(pairs, count_of_pairs):
        count += subjects.height
        several += subjects.filter(pl.col("taxids").list.len() > 1).height
        tops = [_top(pl.concat([*tops, subjects]))]
        taxa.append(_by_taxon(subjects))
        without.append(_summed(subjects.filter(pl.col("taxids").is_null())))
    unassigned = pl.concat(without).select(pl.col("subjects").sum(), *_COUNTS).row(0, named=True)
    merged = (
        pl.concat(taxa)
        .group_by("taxid")
        .agg(pl.col("name").drop_nulls().first(), pl.col("subjects").sum(), *_COUNTS)
    )
    top = with_names(tops[0], taxonomy)
    return Subjects(count, _with_titles(pairs, top), merged, unassigned, several)


def _distinct(pairs: pl.LazyFrame, count_of_pairs: int) -> Iterator[pl.DataFrame]:
    """All subjects, each once, with the place of its first pair and the taxa of the first that tells any."""
    if not count_of_pairs:
        return
    numbered = pairs.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    about = numbered.select(pl.col("subject").approx_n_unique()).collect(engine="streaming").item()
    shares = about // AT_ONCE + 1
    for share in range(shares):
        mine = numbered if shares == 1 else numbered.filter(pl.col("subject").hash(0) % shares == share)
        # Polars takes four times the memory where the lists themselves are aggregated.
        found = mine.group_by("subject").agg(
            pl.col("place").min(),
            told=pl.when(pl.col("taxids").is_not_null()).then(pl.col("place")).min(),
            pairs=pl.len().cast(pl.Int64),
            hsps=pl.col("hsps").sum(),
            best_bits=pl.col("max_score").max(),
            best_evalue=pl.col("min_evalue").min(),
        )
        counted = found.collect(engine="streaming").with_columns(pl.coalesce("told", "place"))
        taxa = numbered.select("taxids", "names", told="place").join(counted.lazy(), on="told", how="inner")
        yield taxa.collect(engine="streaming").select(_NONE.names()).sort("place")


_NONE = pl.Schema(
    {
        "subject": pl.String(),
        "place": pl.Int64(),
        "pairs": pl.Int64(),
        "hsps": pl.Int64(),
        "best_bits": pl.Float64(),
        "best_evalue": pl.Float64(),
        "taxids": pl.List(pl.Int64()),
        "names": pl.List(pl.String()),
    }
)


TAXA = pl.Schema(
    {
        "taxid": pl.Int64(),
        "name": pl.String(),
        "subjects": pl.Int64(),
        "pairs": pl.Int64(),
        "hsps": pl.Int64(),
        "best_bits": pl.Float64(),
        "best_evalue": pl.Float64(),
    }
)
"""A row a taxid."""


def _top(subjects: pl.DataFrame) -> pl.DataFrame:
    order = ["pairs", "best_bits", "subject"]
    return subjects.sort(order, descending=[True, True, False], nulls_last=True).head(settings().top_subjects)


def _summed(subjects: pl.DataFrame) -> pl.DataFrame:
    return subjects.select(pl.len().cast(pl.Int64).alias("subjects"), *_COUNTS)


def summed_taxa(taxa: pl.DataFrame) -> Row:
    """What some taxa come to together."""
    return taxa.select(pl.col("subjects").sum(), *_COUNTS).row(0, named=True)


def _by_taxon(subjects: pl.DataFrame) -> pl.DataFrame:
    nameless = pl.col("taxids").list.eval(pl.lit(None, pl.String))
    lists = subjects.filter(pl.col("taxids").is_not_null()).with_columns(names=pl.coalesce("names", nameless))
    members = lists.explode("taxids", "names").rename({"taxids": "taxid", "names": "name"})
    return members.group_by("taxid").agg(
        pl.col("name").drop_nulls().first(), pl.len().cast(pl.Int64).alias("subjects"), *_COUNTS
    )


def _with_titles(pairs: pl.LazyFrame, top: pl.DataFrame) -> list[Row]:
    titles = fetch_rows(pairs.select("title", "acc_len"), top["place"].to_list())
    shown = top.hstack(titles).select(
        "subject", "title", "acc_len", "taxids", "names", "pairs", "hsps", "best_bits", "best_evalue"
    )
    return shown.to_dicts()
