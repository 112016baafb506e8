"""The description of a hit in a structured report -> the columns that its HSPs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from blast_artifacts.reading.hits import Query, hit_schema
from blast_artifacts.reading.identity import subject_of

HIT_FIELDS = pl.Schema(
    {
        name: hit_schema()[name]
        for name in (
            "qindex", "iteration", "qseqid", "qlen", "sseqid", "stitle", "slen", "staxids", "sscinames",
            "deflines",
        )
    }
)  # fmt: skip
"""Columns of the hit table that are those of the query and the subject."""

_Member = tuple[str, str | None, int | None]
_MEMBER = pl.Schema({"id": pl.String(), "title": pl.String(), "taxid": pl.Int64()})


@dataclass(slots=True)
class Defline:
    """One member of a merged record."""

    id: str
    title: str | None = None
    taxid: int | None = None
    name: str | None = None
    accession: str | None = None


def described(
    query: Query, length: int | None, deflines: Sequence[Defline], merged: bool
) -> tuple[object, ...]:
    """The `HIT_FIELDS` of a subject of `length`; `merged`: `deflines` are all members, not only the first."""
    first = subject_of(deflines[0].id, deflines[0].title, deflines[0].accession)
    if len(deflines) == 1:
        taxid, name = deflines[0].taxid or None, deflines[0].name or None
        staxids = str(taxid) if taxid else None
        names = name if taxid else None
        members = [(first.id, first.title, deflines[0].taxid)]
    else:
        staxids, names = _taxa(deflines)
        members = [_member(line) for line in deflines]
    return (
        query.index,
        query.iteration,
        query.id,
        query.length,
        first.id,
        first.title,
        length,
        staxids,
        names,
        members if merged else None,
    )


def hit_table(hits: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """The `HIT_FIELDS` of hits, a row a hit."""
    *plain, members = zip(*hits, strict=True)
    kinds = list(HIT_FIELDS.items())
    columns = [
        pl.Series(name, values, dtype=kind) for (name, kind), values in zip(kinds[:-1], plain, strict=True)
    ]
    return pl.DataFrame([*columns, _lists(members)])


def _taxa(deflines: Sequence[Defline]) -> tuple[str | None, str | None]:
    taxids = sorted({line.taxid for line in deflines if line.taxid})
    names = {line.taxid: line.name for line in deflines if line.taxid and line.name}
    named = taxids and len(names) == len(taxids)
    return (
        ";".join(map(str, taxids)) or None,
        ";".join(names[taxid] or "" for taxid in taxids) if named else None,
    )


def _member(line: Defline) -> _Member:
    subject = subject_of(line.id, line.title, line.accession)
    return subject.id, subject.title, line.taxid


def _lists(members: Sequence[list[_Member] | None]) -> pl.Series:
    """One list of members after the other: made column by column, for Polars takes dicts row by row."""
    name, kind = "deflines", HIT_FIELDS["deflines"]
    flat = [member for each in members for member in each or ()]
    if not flat:
        return pl.Series(name, [None], dtype=kind).new_from_index(0, len(members))
    fields = pl.DataFrame(flat, schema=_MEMBER, orient="row")
    owner = pl.Series(range(len(members)), dtype=pl.UInt32)
    counts = pl.Series([len(each or ()) for each in members], dtype=pl.UInt32)
    owned = pl.DataFrame(
        [owner.repeat_by(counts).explode(empty_as_null=False).alias("owner"), fields.to_struct(name)]
    )
    lists = owned.group_by("owner", maintain_order=True).agg(name)
    if lists.height < len(members):
        lists = owner.alias("owner").to_frame().join(lists, on="owner", how="left", maintain_order="left")
    return lists[name]
