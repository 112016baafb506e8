"""Taxids and names of a subject, from the columns that carry them."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

LARGEST = 2**31 - 1
"""NCBI's taxids are signed numbers of 32 bits; anything larger is none."""

_COLUMNS = ("staxids", "sscinames")
_KINDS = {"taxids": pl.List(pl.Int64()), "names": pl.List(pl.String())}


def with_lists(pairs: pl.DataFrame) -> pl.DataFrame:
    """Turns `staxids`, `sscinames` and `deflines` into the lists `taxids` and `names`."""
    lists = _of_columns(pairs.select(_COLUMNS))
    deflines = pairs["deflines"]
    if deflines.null_count() < len(deflines):
        of_members = _sorted_set(deflines.list.eval(pl.element().struct.field("taxid")))
        lists = lists.with_columns(taxids=pl.coalesce("taxids", of_members))
    return pairs.drop(*_COLUMNS, "deflines").hstack(lists)


@lru_cache(maxsize=65_536)
def read_taxa(staxids: str | None, sscinames: str | None) -> tuple[list[int] | None, list[str] | None]:
    """The taxids in ascending order and their names.

    0 and N/A are no taxid, and an all-digit name is a taxid that the taxonomy did not know. BLAST prints each
    column as a set of its own: names are kept only where there are as many of them as taxids.
    """
    taxids = [int(text) for text in _members(staxids) if text.isdecimal() and 0 < int(text) <= LARGEST]
    names = [text for text in _members(sscinames) if text != "N/A" and not text.isdecimal()]
    if len(names) != len(taxids):
        return sorted(set(taxids)) or None, None
    named = dict(zip(taxids, names, strict=True))
    return sorted(named) or None, [named[taxid] for taxid in sorted(named)] or None


def _members(text: str | None) -> list[str]:
    return [member for part in (text or "").split(";") if (member := part.strip())]


def _of_columns(columns: pl.DataFrame) -> pl.DataFrame:
    """Reads each distinct pair of texts once: a taxon's texts stand on very many rows."""
    if all(column.null_count() == len(column) for column in columns):
        nothing = {name: pl.lit(None, kind) for name, kind in _KINDS.items()}
        return columns.with_columns(**nothing).select(*_KINDS)
    distinct = columns.unique(maintain_order=True)
    read = [read_taxa(*texts) for texts in distinct.iter_rows()]
    lists = distinct.hstack(pl.DataFrame(read, schema=_KINDS, orient="row"))
    joined = columns.join(lists, on=_COLUMNS, how="left", nulls_equal=True, maintain_order="left")
    return joined.select(*_KINDS)


def _sorted_set(taxids: pl.Series) -> pl.Series:
    real = (
        taxids.list.eval(pl.element().filter(pl.element().is_between(1, LARGEST))).list.unique().list.sort()
    )
    return pl.select(pl.when(real.list.len() > 0).then(real)).to_series()
