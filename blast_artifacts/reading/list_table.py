"""What `PlainLists` read as a table: whether it is beyond doubt, and the columns of its subjects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from blast_artifacts.reading.deflines import HIT_FIELDS
from blast_artifacts.reading.identity import NO_TITLE, subject_key

_ODD = {"id": "[ &]|BL_ORD_ID", "accession": "Subject_", "title": "&#", "name": "&|^ | $"}
"""What `subject_of` or a decoder does more with, by text."""

_HEAD = pl.col("hit").is_not_null()


def fitting(table: pl.DataFrame, counts: Sequence[int]) -> list[bool]:
    """Of each list, which has so many rows, whether it is plain: what `agrees` says, numbers, texts."""
    owner = pl.Series("list", range(len(counts)), dtype=pl.UInt32)
    rows = owner.repeat_by(pl.Series(counts, dtype=pl.UInt32)).explode(empty_as_null=False)
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    qseq, hseq = pl.col("qseq").str, pl.col("hseq").str
    letters = qseq.len_bytes().cast(pl.Int64)
    query_gaps, hit_gaps = (text.count_matches("-", literal=True).cast(pl.Int64) for text in (qseq, hseq))
    midline = pl.col("midline").str.len_bytes().cast(pl.Int64)
    conditions = [
        pl.col("hit").is_null() | (pl.col("hit") == _HEAD.cum_sum().over("list")),
        pl.col("num") == place - pl.when(_HEAD).then(place).forward_fill() + 1,
        hseq.len_bytes().cast(pl.Int64) == letters,
        pl.col("align_len") == letters,
        pl.col("gaps").is_null() | (pl.col("gaps") == query_gaps + hit_gaps),
        pl.col("midline").is_null() | (midline == letters),
        _spans("query", letters - query_gaps),
        _spans("hit", letters - hit_gaps),
        ~_HEAD | pl.col("id").is_not_null(),
        *(
            ~pl.col(name).str.contains(odd).fill_null(False)
            for name, odd in _ODD.items()
            if name in table.columns
        ),
    ]
    fits = table.with_columns(rows.alias("list")).select(
        "list", fits=pl.all_horizontal(condition.fill_null(False) for condition in conditions)
    )
    return fits.group_by("list", maintain_order=True).agg(pl.col("fits").all())["fits"].to_list()


def _spans(side: str, letters: pl.Expr) -> pl.Expr:
    span = (pl.col(f"{side}_to") - pl.col(f"{side}_from")).abs() + 1
    return (span == letters) | (span == 3 * letters)


def subjects(table: pl.DataFrame, text: Callable[[bytes], str | None], merged: bool) -> pl.DataFrame:
    """The columns of the subject for every row, as `described` has them, and the cells of the HSP."""
    heads = table.filter(_HEAD)
    keys = pl.Series("sseqid", [subject_key(name) if name else name for name in heads["id"]], dtype=pl.String)
    titles = heads["title"].str.strip_chars(" ")
    if titles.str.contains("&", literal=True).any():
        decoded = [text(raw.encode()) if raw and "&" in raw else raw for raw in titles]
        titles = pl.Series(decoded, dtype=pl.String)
    none = (titles == "") | (titles == NO_TITLE) | (titles == "N/A") | (titles == heads["id"])
    shown = heads.select(
        pl.when(~pl.lit(none)).then(pl.lit(titles).str.strip_prefix(pl.col("id") + " ")).alias("stitle")
    )["stitle"]
    kinds = {"taxid": pl.Int64(), "name": pl.String()}
    absent = [pl.lit(None, kind).alias(name) for name, kind in kinds.items() if name not in heads.columns]
    heads = heads.with_columns(keys, shown, *absent)
    taxid = pl.when(pl.col("taxid") != 0).then(pl.col("taxid"))
    member = pl.struct(id="sseqid", title="stitle", taxid="taxid")
    told = heads.select(
        "sseqid",
        "stitle",
        pl.col("len").alias("slen"),
        taxid.cast(pl.String).alias("staxids"),
        pl.when(taxid.is_not_null()).then("name").alias("sscinames"),
        (pl.concat_list(member) if merged else pl.lit(None)).cast(HIT_FIELDS["deflines"]).alias("deflines"),
    )
    place = table.select(_HEAD.cum_sum() - 1).to_series()
    cells = table.select(pl.exclude("hit", "len", "num", "id", "title", "accession", "taxid", "name"))
    return pl.concat([told[place], cells], how="horizontal")
