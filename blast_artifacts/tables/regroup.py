"""Pairs whose HSPs lie in several files, as a subject's do that is in two shards of a database.

Each file gives a pair of its own; here they become the one pair that they are, in the place of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from blast_artifacts.tables.pairs import PairGrouper
from blast_artifacts.tables.parquet import ParquetStream, scan
from blast_artifacts.tables.part import Part, table_paths
from blast_artifacts.tables.schema import HITS, PAIRS, QUERIES, unnamed_query

KEY = ["batch", "qindex", "iteration", "query", "subject"]
AT_ONCE = 400_000
"""HSPs of such pairs that are grouped together: about 100 MB."""

PAIRS_AT_ONCE = 131_072
"""Pairs that are copied together: many row groups, as finding the first of them takes a while."""

HASHED_AT_ONCE = 1_000_000
"""Pairs whose hashes are compared together: about 60 MB; more are gone through share by share."""

_OF_FIRST = ("source", "sindex")
NUMBERED = "BL_ORD_ID"
"""A subject's ordinal in its database: another subject in each shard."""


def regroup_within(part: Part, folder: Path) -> None:
    """Makes one pair of those of one query and subject in several files of a part."""
    if batches := [batch for batch, files in _files(part).items() if files > 1]:
        _regroup([part], batches, folder, {})


def regroup_across(parts: Sequence[Part], folder: Path, storage: Mapping[str, Any]) -> None:
    """Makes one pair of those of one query and subject in several parts.

    Reads no hits but those of such pairs. Tables that change are written into `folder`, and the parts lead to
    them from then on; sums are put right. `storage` is as for `scan`.
    """
    lying: dict[int, list[Part]] = {}
    for part in parts:
        for batch, files in _files(part).items():
            if files:
                lying.setdefault(batch, []).append(part)
    for batch, of_batch in lying.items():
        if len(of_batch) > 1:
            _regroup(of_batch, [batch], folder, storage)


def _files(part: Part) -> dict[int, int]:
    """How many files with hits there are of each batch."""
    found: dict[int, int] = {}
    for report in part.reports:
        found[report.batch] = found.get(report.batch, 0) + bool(report.rows)
    return found


def _regroup(parts: Sequence[Part], batches: list[int], folder: Path, storage: Mapping[str, Any]) -> None:
    pieces = _pieces(parts, batches, storage)
    if pieces.is_empty():
        return
    told = _told(pieces)
    first = _as_told(pieces.unique(KEY, keep="first", maintain_order=True), told)
    whole = pl.concat([_grouped(parts, some, storage) for some in _chunks(first, pieces)])
    whole = _as_told(whole, told).sort("place")
    later = pieces.join(first, on="place", how="anti")
    begin = 0
    for part in parts:
        height = scan([part.pairs], PAIRS, storage).select(pl.len()).collect().item()
        here = [_from(table, begin, height) for table in (pieces, whole, later)]
        if here[0].height:
            part.sums.add_pairs(here[0].select(PAIRS.names()), times=-1)
            part.sums.add_pairs(here[1].select(PAIRS.names()))
            _write_pairs(part, here[0], here[1], height, folder, storage)
            _write_queries(part, here[2], folder, storage)
        begin += height


def _from(table: pl.DataFrame, begin: int, height: int) -> pl.DataFrame:
    """The rows of a part, with their places in it."""
    here = table.filter(pl.col("place").is_between(begin, begin + height, closed="left"))
    return here.with_columns(pl.col("place") - begin)


def _pieces(parts: Sequence[Part], batches: list[int], storage: Mapping[str, Any]) -> pl.DataFrame:
    """The pairs that are pieces of one, with their places in these parts; found by hash, then looked at."""
    pairs = scan([part.pairs for part in parts], PAIRS, storage).with_row_index("place")
    told = pl.col("qindex").is_not_null() & ~pl.col("subject").str.contains(NUMBERED, literal=True)
    mine = pairs.with_columns(pl.col("place").cast(pl.Int64)).filter(pl.col("batch").is_in(batches) & told)
    shares = 1 + pairs.select(pl.len()).collect().item() // HASHED_AT_ONCE
    places = pl.concat([_places_of_equal_hash(mine, number, shares) for number in range(shares)])
    if places.is_empty():
        return PAIRS.to_frame()
    found = mine.filter(pl.col("place").is_in(places.implode())).collect(engine="streaming")
    return found.filter(pl.col("source").n_unique().over(KEY) > 1).sort("place")


def _places_of_equal_hash(pairs: pl.LazyFrame, number: int, shares: int) -> pl.Series:
    """Of one share of all hashes, where pairs lie whose hash another has."""
    hashes = pairs.select("place", hash=pl.struct(KEY).hash()).filter(pl.col("hash") % shares == number)
    return hashes.collect(engine="streaming").filter(pl.col("hash").is_duplicated())["place"]


def _chunks(first: pl.DataFrame, pieces: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The first pieces of so many pairs at once as have not too many HSPs together."""
    counts = pieces.group_by(KEY).agg(all_hsps=pl.col("hsps").sum())
    counted = first.join(counts, on=KEY, how="left", nulls_equal=True, maintain_order="left")
    share = (pl.col("all_hsps").cum_sum() // AT_ONCE).alias("share")
    ordered = counted.sort("batch", "qindex", maintain_order=True)
    yield from ordered.with_columns(share).partition_by("share")


def _grouped(parts: Sequence[Part], first: pl.DataFrame, storage: Mapping[str, Any]) -> pl.DataFrame:
    """The whole pairs, of their HSPs in all parts, in the place of their first pieces."""
    wanted = first.with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
    near = (
        pl.col("batch").is_between(wanted["batch"].min(), wanted["batch"].max())
        & pl.col("qindex").is_between(wanted["qindex"].min(), wanted["qindex"].max())
        & pl.col("sseqid").is_in(wanted["subject"].unique().implode())
    )
    hits = scan([part.hits for part in parts], HITS, storage).filter(near).collect(engine="streaming")
    named = hits.with_columns(query=pl.coalesce("qseqid", unnamed_query()), subject="sseqid")
    keys = wanted.select(*KEY, "number", "query_length")
    mine = named.join(keys, on=KEY, how="inner", nulls_equal=True, maintain_order="left")
    # Each pair is given a query of its own, which keeps it apart from the next.
    apart = mine.sort("number", maintain_order=True).with_columns(
        qindex="number", iteration=pl.lit(None, pl.Int64), qlen=pl.coalesce("qlen", "query_length")
    )
    grouper = PairGrouper(0, "")
    whole = pl.concat([grouper.add(apart), grouper.close()]).rename({"qindex": "number"})
    kept = wanted.select(*KEY, *_OF_FIRST, "place", "number")
    return kept.join(whole.drop(*KEY[0:1], *KEY[2:], *_OF_FIRST), on="number").select(*PAIRS.names(), "place")


def _told(pieces: pl.DataFrame) -> pl.DataFrame:
    """What the first piece of a pair that tells it says of its query and subject: not every file need."""
    has_taxa = pl.col("taxids").is_not_null()
    return pieces.group_by(KEY, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in ("acc_len", "query_length", "title")),
        *(pl.col(name).filter(has_taxa).first() for name in ("taxids", "names")),
    )


def _as_told(pairs: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    bare = pairs.drop(name for name in told.columns if name not in KEY)
    return bare.join(told, on=KEY, how="left", nulls_equal=True, maintain_order="left").select(pairs.columns)


def _write_pairs(
    part: Part, old: pl.DataFrame, new: pl.DataFrame, height: int, folder: Path, storage: Mapping[str, Any]
) -> None:
    """The table with the whole pairs in the place of their first pieces, and without the others."""
    fresh = table_paths(folder, part.number)[1]
    beside = fresh.with_suffix(".fresh")
    with ParquetStream(beside, PAIRS) as stream:
        for begin in range(0, height, PAIRS_AT_ONCE):
            rows = scan([part.pairs], PAIRS, storage).slice(begin, PAIRS_AT_ONCE).collect()
            rows = rows.with_columns(place=pl.int_range(begin, begin + rows.height, dtype=pl.Int64))
            within = pl.col("place").is_between(begin, begin + rows.height, closed="left")
            kept = rows.join(old.filter(within), on="place", how="anti")
            whole = pl.concat([kept, new.filter(within).select(kept.columns)]).sort("place")
            stream.append(whole.drop("place"))
    beside.replace(fresh)
    part.pairs = fresh


def _write_queries(part: Part, later: pl.DataFrame, folder: Path, storage: Mapping[str, Any]) -> None:
    """The table with the subjects of each query counted once, in the file of the first piece."""
    if later.is_empty():
        return
    of_query = ["batch", "source", "qindex", "iteration"]
    twice = later.group_by(of_query).agg(twice=pl.len().cast(pl.Int64))
    rows = scan([part.queries], QUERIES, storage).collect()
    rows = rows.join(twice, on=of_query, how="left", nulls_equal=True, maintain_order="left")
    counted = rows.with_columns(subjects=pl.col("subjects") - pl.col("twice").fill_null(0))
    part.queries = table_paths(folder, part.number)[2]
    counted.select(QUERIES.names()).write_parquet(part.queries, compression="zstd")
