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
    taxids = sorted({line.taxid for line in deflines if line.taxid})
    names = {line.taxid: line.name for line in deflines if line.taxid and line.name}
    named = taxids and len(names) == len(taxids)
    return (
        query.index,
        query.iteration,
        query.id,
        query.length,
        first.id,
        first.title,
        length,
        ";".join(map(str, taxids)) or None,
        ";".join(names[taxid] or "" for taxid in taxids) if named else None,
        [_member(line) for line in deflines] if merged else None,
    )


def _member(line: Defline) -> dict[str, object]:
    subject = subject_of(line.id, line.title, line.accession)
    return {"id": subject.id, "title": subject.title, "taxid": line.taxid}
