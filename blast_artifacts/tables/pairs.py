"""Hits grouped into pairs, batch by batch: the HSPs of a (query, subject) are neighbours in every format."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.tables import intervals, ncbi, taxa
from blast_artifacts.tables.schema import NO_PAIRS, PAIRS, unnamed_query

KEY = ("qindex", "iteration", "subject")
_FIRST = {
    "qindex": "qindex",
    "iteration": "iteration",
    "subject": "sseqid",
    "query": "qseqid",
    "title": "stitle",
    "acc_len": "slen",
    "query_length": "qlen",
    "staxids": "staxids",
    "sscinames": "sscinames",
    "deflines": "deflines",
}
_BEST = {
    "rank": ncbi.rank(),
    "max_score": pl.col("bitscore"),
    "evalue": pl.col("evalue"),
    "per_ident": ncbi.per_ident(),
    "align_length": pl.col("length"),
}


class PairGrouper:
    """Groups the hits of one file; the last pair stays open until another begins, however long it is.

    `add` and `close` give the pairs that have ended, in file order. What is kept between batches is one pair
    and the union of its query ranges.
    """

    def __init__(self, batch: int, source: str, fasta_lengths: pl.DataFrame | None = None) -> None:
        self._columns = {"batch": pl.lit(batch, pl.Int64), "source": pl.lit(source, pl.String)}
        self._fasta_lengths = fasta_lengths
        self._open: dict[str, Any] | None = None
        self._reach = pl.DataFrame()
        self._schema: pl.Schema | None = None

    @property
    def open_query(self) -> tuple[int, int | None] | None:
        """(qindex, iteration) of the query whose last pair may go on."""
        return None if self._open is None else (self._open["qindex"], self._open["iteration"])

    def add(self, hits: pl.DataFrame) -> pl.DataFrame:
        """The pairs that ended before the last one of these hits."""
        if hits.is_empty():
            return NO_PAIRS
        runs = self._continued(group_runs(hits))
        self._schema = runs.schema
        first, last = runs.row(0, named=True), runs.row(-1, named=True)
        if self._open is not None and _key(self._open) == _key(first):
            reach = pl.concat([self._reach, _spans(hits.head(first["hsps"])).select("low", "high")])
            first = _joined(self._open, first, reach)
            self._open, self._reach = first, intervals.union(reach)
            if runs.height == 1:
                return NO_PAIRS
            runs = runs.slice(1)
        ended = [runs.head(-1)]
        if self._open is not None:
            ended.insert(0, self._open_row())
        self._open, self._reach = last, intervals.union(_spans(hits.tail(last["hsps"])))
        return self._finished(pl.concat(ended))

    def close(self) -> pl.DataFrame:
        """The last pair."""
        if self._open is None:
            return NO_PAIRS
        row, self._open = self._open_row(), None
        return self._finished(row)

    def _open_row(self) -> pl.DataFrame:
        return pl.DataFrame([self._open], schema=self._schema, orient="row")

    def _continued(self, runs: pl.DataFrame) -> pl.DataFrame:
        """Numbers the subjects of a query on from those of the batch before."""
        if self._open is None or (runs["qindex"][0], runs["iteration"][0]) != self.open_query:
            return runs
        offset = self._open["sindex"] + (_key(runs.row(0, named=True)) != _key(self._open))
        same_query = pl.struct("qindex", "iteration").rle_id() == 0
        return runs.with_columns(
            sindex=pl.when(same_query).then(pl.col("sindex") + offset).otherwise("sindex")
        )

    def _finished(self, runs: pl.DataFrame) -> pl.DataFrame:
        named = runs.with_columns(query=pl.coalesce("query", unnamed_query()))
        if self._fasta_lengths is not None and named["query_length"].null_count():
            named = named.join(self._fasta_lengths, on="query", how="left", maintain_order="left")
            named = named.with_columns(query_length=pl.coalesce("query_length", "fasta_length"))
        return (
            taxa.with_lists(named)
            .with_columns(
                query_cover=ncbi.query_cover(), total_score=pl.col("total_score").round(ncbi.PLACES)
            )
            .with_columns(**self._columns, query_cover_ncbi=ncbi.query_cover_ncbi())
            .select(pl.col(name).cast(kind) for name, kind in PAIRS.items())
        )


def group_runs(hits: pl.DataFrame) -> pl.DataFrame:
    """A row for each run of neighbouring hits of one query, round and subject, in order.

    `hsps`, `total_score`, `min_evalue` are over the run; `query`, `title`, lengths and taxa from its first
    HSP; `max_score`, `evalue`, `per_ident`, `align_length` from its best one; `covered` counts the query's
    positions in it, null where a coordinate is missing; `sindex` numbers the subjects of each query.
    """
    run = hits.select(pl.struct("qindex", "iteration", "sseqid").rle_id().set_sorted()).to_series()
    keyed = hits.select(
        "bitscore", "evalue", "qstart", "qend", rank=ncbi.rank(), row=pl.int_range(pl.len()), run=run
    )
    sole = pl.len() == 1
    runs = keyed.group_by("run", maintain_order=True).agg(
        hsps=pl.len().cast(pl.Int64),
        total_score=ncbi.known_sum("bitscore"),
        min_evalue=pl.col("evalue").min(),
        placed=(pl.col("qstart") + pl.col("qend")).count() == pl.len(),
        first=pl.col("row").first(),
        best=pl.col("row").get(pl.when(sole).then(0).otherwise(pl.col("rank").arg_max()), null_on_oob=True),
    )
    first = hits.select(pl.col(column).gather(runs["first"]).alias(name) for name, column in _FIRST.items())
    best = hits.select(**_BEST).select(pl.all().gather(runs["best"]))
    grouped = pl.concat([runs, first, best], how="horizontal")
    return grouped.with_columns(covered=_covered(keyed, runs), sindex=_subject_ordinals(grouped)).drop(
        "run", "placed", "first", "best"
    )


def _covered(keyed: pl.DataFrame, runs: pl.DataFrame) -> pl.Series:
    several = runs["hsps"].gather(keyed["run"]) > 1
    unions = intervals.covered_by_group(_spans(keyed.filter(several)))
    alone = (keyed["qend"] - keyed["qstart"]).abs().gather(runs["first"]) + 1
    covered = runs.select("run", "placed", alone=alone).join(
        unions, left_on="run", right_on="group", how="left", maintain_order="left"
    )
    known = pl.when("placed").then(pl.coalesce("covered", "alone"))
    return covered.select(known.cast(pl.Int64)).to_series()


def _spans(hits: pl.DataFrame) -> pl.DataFrame:
    """Query ranges from low to high, whatever the strand; HSPs without coordinates left out."""
    group = pl.col("run") if "run" in hits.columns else pl.lit(0, pl.UInt32)
    return hits.filter(pl.col("qstart").is_not_null() & pl.col("qend").is_not_null()).select(
        group=group, low=pl.min_horizontal("qstart", "qend"), high=pl.max_horizontal("qstart", "qend")
    )


def _subject_ordinals(runs: pl.DataFrame) -> pl.Series:
    position = pl.int_range(pl.len())
    query = pl.struct("qindex", "iteration").rle_id()
    begins = query != query.shift(1)
    start = pl.when(begins.fill_null(True)).then(position).forward_fill()
    return runs.select((position - start).cast(pl.Int64)).to_series()


def _key(pair: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(pair[name] for name in KEY)


def _joined(earlier: dict[str, Any], later: dict[str, Any], reach: pl.DataFrame) -> dict[str, Any]:
    """One pair from two neighbouring pieces of it; the earlier piece wins where both are as good."""
    pair = {**earlier, "hsps": earlier["hsps"] + later["hsps"]}
    pair["total_score"] = _known(sum, earlier["total_score"], later["total_score"])
    lowest = [value for value in (earlier["min_evalue"], later["min_evalue"]) if value is not None]
    pair["min_evalue"] = min(lowest, default=None)
    best = _better(earlier, later)
    pair |= {name: best and best[name] for name in _BEST}
    known = earlier["covered"] is not None and later["covered"] is not None
    pair["covered"] = intervals.length(intervals.union(reach)) if known else None
    return pair


def _known(combine: Any, *values: float | None) -> Any:
    return None if None in values else combine(values)


def _better(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any] | None:
    """The piece with the best HSP; null where nothing ranks the HSPs."""
    if earlier["rank"] is None:
        return later if later["rank"] is not None else None
    return later if later["rank"] is not None and later["rank"] > earlier["rank"] else earlier
