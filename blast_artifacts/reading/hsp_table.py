"""HSPs as the structured reports print them -> hits with BLAST's tabular names and coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

NUMBERS = pl.Schema(
    {
        "bit_score": pl.Float64, "score": pl.Float64, "evalue": pl.Float64, "query_from": pl.Int64,
        "query_to": pl.Int64, "hit_from": pl.Int64, "hit_to": pl.Int64, "query_frame": pl.Int64,
        "hit_frame": pl.Int64, "identity": pl.Int64, "positive": pl.Int64, "gaps": pl.Int64,
        "align_len": pl.Int64,
    }
)  # fmt: skip
"""Fields of an HSP that are numbers."""

REALS = [name for name, kind in NUMBERS.items() if kind == pl.Float64]

_ALL = pl.Schema(
    dict(NUMBERS) | dict.fromkeys(("query_strand", "hit_strand", "qseq", "hseq", "midline"), pl.String())
)
_NUCLEOTIDES = ("blastn", "megablast", "rmblastn", "dc-megablast", "vecscreen")


def hsp_schema(fields: Sequence[str]) -> pl.Schema:
    """The cells of HSPs as Polars reads them."""
    return pl.Schema({name: NUMBERS.get(name, pl.String()) for name in fields})


def read_hsps(rows: Sequence[bytes], fields: Sequence[str]) -> pl.DataFrame:
    """The table of HSPs whose cells have these names, each row with tabs between its cells."""
    schema = hsp_schema(fields)
    return pl.read_csv(
        b"\n".join(rows) + b"\n",
        has_header=False, separator="\t", quote_char=None, schema=schema, glob=False,
    )  # fmt: skip


def tabular_hsps(hsps: pl.DataFrame, program: str | None) -> pl.DataFrame:
    """HSPs with BLAST's tabular names and coordinates."""
    absent = [name for name in _ALL if name not in hsps.columns]
    blank = [pl.lit(None, dtype=_ALL[name]).alias(name) for name in absent]
    hsps = hsps.with_columns(blank)
    nucleotides = (program or "").lower() in _NUCLEOTIDES
    frames = [
        pl.coalesce(f"{side}_frame", _sign(f"{side}_strand"), _order(side) if nucleotides else pl.lit(0))
        for side in ("query", "hit")
    ]
    # Where neither side is translated tabular output says 1, the reports 0 or nothing.
    untranslated = (frames[0] == 0) & (frames[1] == 0)
    hsps = hsps.with_columns(
        pl.when(untranslated).then(1).otherwise(frames[0]).cast(pl.Int64).alias("query_frame"),
        pl.when(untranslated).then(1).otherwise(frames[1]).cast(pl.Int64).alias("hit_frame"),
        pl.coalesce("align_len", pl.col("qseq").str.len_bytes()).cast(pl.Int64).alias("align_len"),
        pl.coalesce("positive", pl.col("identity") if nucleotides else None).alias("positive"),
    )
    return _named(_with_gaps(hsps), nucleotides)


def _named(hsps: pl.DataFrame, nucleotides: bool) -> pl.DataFrame:
    length, same = pl.col("align_len"), pl.col("identity")
    counted = pl.when(length > 0)
    forward_query, backward_query = _ends("query")
    forward_hit, backward_hit = _ends("hit")
    sign = pl.col("hit_frame")
    strand = pl.when(sign < 0).then(pl.lit("minus")).when(sign > 0).then(pl.lit("plus"))
    return hsps.select(
        counted.then(100.0 * same / length).alias("pident"),
        length.alias("length"),
        (length - same - pl.col("gaps")).alias("mismatch"),
        "gapopen",
        forward_query.alias("qstart"),
        backward_query.alias("qend"),
        forward_hit.alias("sstart"),
        backward_hit.alias("send"),
        _finite("evalue"),
        _finite("bit_score").alias("bitscore"),
        same.alias("nident"),
        "positive",
        "gaps",
        counted.then(100.0 * pl.col("positive") / length).alias("ppos"),
        pl.col("query_frame").alias("qframe"),
        pl.col("hit_frame").alias("sframe"),
        (strand if nucleotides else pl.lit(None, dtype=pl.String)).alias("sstrand"),
        _finite("score"),
        "qseq",
        pl.col("hseq").alias("sseq"),
        "midline",
    )


def _sign(strand: str) -> pl.Expr:
    text = pl.col(strand).str.to_lowercase()
    return pl.when(text == "minus").then(pl.lit(-1)).when(text == "plus").then(pl.lit(1))


def _order(side: str) -> pl.Expr:
    return pl.when(pl.col(f"{side}_from") > pl.col(f"{side}_to")).then(-1).otherwise(1)


def _finite(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)


def _ends(side: str) -> tuple[pl.Expr, pl.Expr]:
    """From and to as tabular output has them: the minus strand by order.

    BLAST's reports put the lower number first for translated sequences and the sign into the frame (P58).
    """
    start, end, frame = pl.col(f"{side}_from"), pl.col(f"{side}_to"), pl.col(f"{side}_frame")
    turned = (frame < 0) & (start < end)
    return pl.when(turned).then(end).otherwise(start), pl.when(turned).then(start).otherwise(end)


def _with_gaps(hsps: pl.DataFrame) -> pl.DataFrame:
    """`gaps` where the report left it out, and `gapopen`, which it never has."""
    qseq, hseq = pl.col("qseq").str, pl.col("hseq").str
    if hsps["gaps"].null_count():
        letters = qseq.count_matches("-", literal=True) + hseq.count_matches("-", literal=True)
        hsps = hsps.with_columns(pl.coalesce("gaps", letters.cast(pl.Int64)).alias("gaps"))
    gapped = hsps["gaps"] > 0
    runs = qseq.count_matches("-+") + hseq.count_matches("-+")
    opened = hsps.filter(gapped).select(runs.cast(pl.Int64)).to_series()
    none = pl.when(pl.col("gaps") == 0).then(pl.lit(0, dtype=pl.Int64))
    plain = hsps.select(none.alias("gapopen")).to_series()
    return hsps.with_columns(plain.scatter(gapped.fill_null(False).arg_true(), opened))
