"""Rows as a tabular file prints them -> the hit table."""

from __future__ import annotations

import polars as pl

from blast_artifacts.reading.hits import HIT_COLUMNS, hit_schema
from blast_artifacts.reading.identity import subject_key
from blast_artifacts.reading.labels import SOURCES

_SCHEMA = hit_schema()


def hit_columns(specifiers: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of the hit table that rows with these specifiers fill, in its order."""
    filled = set(_chosen(specifiers).values())
    if "nident" in filled and "length" in filled:
        filled.add("pident")
    if "sallseqid" in specifiers:
        filled.add("sallseqid")
    if "frames" in specifiers:
        filled |= {"qframe", "sframe"}
    if {"sallseqid", "salltitles"} <= set(specifiers):
        filled.add("deflines")
    if _unknown(specifiers):
        filled.add("extra")
    return tuple(name for name in HIT_COLUMNS if name in filled)


def as_hits(rows: pl.DataFrame) -> pl.DataFrame:
    """The hit table of rows named by specifier, without `qindex` and `iteration`, which stay null."""
    names = tuple(rows.columns)
    chosen = _chosen(names)
    wanted = [pl.col(source).alias(target) for source, target in chosen.items()]
    if unknown := _unknown(names):
        wanted.append(pl.struct(unknown).struct.json_encode().alias("extra"))
    table = rows.select(wanted)
    if "frames" in names:
        table = table.with_columns(_frames(rows, table))
    if {"sallseqid", "salltitles"} <= set(names):
        table = table.with_columns(_deflines(rows))
    table = _subjects(table, rows, chosen)
    if {"nident", "length"} <= set(table.columns):
        # BLAST prints three decimals of a quotient whose terms stand beside it.
        exact = pl.when(pl.col("length") > 0).then(100.0 * pl.col("nident") / pl.col("length"))
        table = table.with_columns(exact.alias("pident"))
    return conform(table)


def conform(table: pl.DataFrame) -> pl.DataFrame:
    """The table with every column of the hit table, in order; missing ones null."""
    absent = [pl.lit(None, dtype=_SCHEMA[name]).alias(name) for name in _SCHEMA if name not in table.columns]
    return table.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


def _chosen(names: tuple[str, ...]) -> dict[str, str]:
    """Specifier -> hit column, for those that go straight into one."""
    chosen = {}
    for target in HIT_COLUMNS:
        for name in SOURCES.get(target, (target,)):
            if name in names and name not in chosen:
                chosen[name] = target
                break
    return chosen


def _unknown(names: tuple[str, ...]) -> list[str]:
    known = set(_chosen(names))
    if {"sallseqid", "salltitles"} <= set(names):
        known |= {"sallseqid", "salltitles"}
    return [name for name in names if name not in known and name not in HIT_COLUMNS and name != "frames"]


def _frames(rows: pl.DataFrame, table: pl.DataFrame) -> list[pl.Expr]:
    halves = rows["frames"].str.split_exact("/", 1).struct.unnest()
    return [
        pl.lit(halves[half].cast(pl.Int64, strict=False)).alias(name)
        for half, name in (("field_0", "qframe"), ("field_1", "sframe"))
        if name not in table.columns
    ]


def _subjects(table: pl.DataFrame, rows: pl.DataFrame, chosen: dict[str, str]) -> pl.DataFrame:
    """Subject ids as keys, and titles without the id that an unparsed database puts before them."""
    sources = [source for source, target in chosen.items() if target == "sseqid"]
    if "sallseqid" in rows.columns and "sallseqid" not in table.columns:
        table = table.with_columns(rows["sallseqid"])
    if "stitle" in table.columns and chosen.get("salltitles") == "stitle":
        table = table.with_columns(pl.col("stitle").str.split("<>").list.first())
    if not sources:
        return table
    printed = table["sseqid"]
    if sources[0].startswith("sall"):
        printed = printed.str.split(";").list.first()
    prefixed = pl.col("stitle").str.starts_with(pl.lit(printed)).any()
    if "stitle" in table.columns and table.select(prefixed).item():
        title = pl.col("stitle").str.strip_prefix(pl.lit(printed) + " ")
        bare = pl.col("stitle") == pl.lit(printed)
        table = table.with_columns(pl.when(~bare.fill_null(False)).then(title).alias("stitle"))
    return table.with_columns(_keys(printed))


def _keys(printed: pl.Series) -> pl.Series:
    if not printed.str.contains("|", literal=True).any():
        return printed.alias("sseqid")
    # rle: a subject's rows are neighbours, and ids are many where hits are.
    runs = printed.rle().struct.unnest()
    keys = pl.Series([None if name is None else subject_key(name) for name in runs["value"]], dtype=pl.String)
    return keys.repeat_by(runs["len"]).explode().alias("sseqid")


def _deflines(rows: pl.DataFrame) -> pl.Series:
    """Members of merged records, where ids and titles are equally many (P42)."""
    made = []
    for ids, titles in rows.select("sallseqid", "salltitles").iter_rows():
        names, texts = (ids or "").split(";"), (titles or "").split("<>")
        whole = ids and len(names) == len(texts)
        made.append(
            [
                {"id": subject_key(name), "title": text.removeprefix(name + " ") or None, "taxid": None}
                for name, text in zip(names, texts, strict=True)
            ]
            if whole
            else None
        )
    return pl.Series("deflines", made, dtype=_SCHEMA["deflines"])
