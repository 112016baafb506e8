"""The submitted queries: what result files without lengths or without no-hit queries leave out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from blast_artifacts.reading.hits import Query, Source
from blast_artifacts.reading.identity import ordinal_of, unnamed
from blast_artifacts.reading.inflate import Inflation, inflate


@dataclass(slots=True)
class QueryFasta:
    """The records of a query FASTA in order: id (first word of the title), title, letters."""

    ids: list[str | None] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def length_table(self) -> pl.DataFrame:
        """(query, fasta_length) of every id; null where records of one id differ in length."""
        records = pl.DataFrame(
            {"query": self.ids, "fasta_length": self.lengths},
            schema={"query": pl.String, "fasta_length": pl.Int64},
        )
        same = pl.col("fasta_length").n_unique() == 1
        return (
            records.drop_nulls("query")
            .group_by("query", maintain_order=True)
            .agg(pl.when(same).then(pl.col("fasta_length").first()))
        )


def read_query_fasta(source: Source) -> QueryFasta:
    """Reads the titles and lengths of a FASTA file, gzipped or not; holds no sequence."""
    fasta = QueryFasta()
    length = 0
    for line in _lines(source):
        if line.startswith(b">"):
            if fasta.ids:
                fasta.lengths.append(length)
            title = line[1:].decode("utf-8", "replace").strip()
            fasta.ids.append(title.split(maxsplit=1)[0] if title else None)
            fasta.titles.append(title)
            length = 0
        elif not line.startswith(b";"):
            length += len(line) - sum(map(line.count, b" \t\r\n"))
    if fasta.ids:
        fasta.lengths.append(length)
    return fasta


def joined(files: Sequence[QueryFasta]) -> QueryFasta:
    """The records of several files as those of one."""
    whole = QueryFasta()
    for fasta in files:
        whole.ids += fasta.ids
        whole.titles += fasta.titles
        whole.lengths += fasta.lengths
    return whole


def _lines(source: Source) -> Iterator[bytes]:
    rest = b""
    for block in inflate(source.blocks, Inflation()):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


class FastaOrder:
    """Places the queries of a file that leaves no-hit queries out at their ordinals in the query FASTA.

    Such a file holds a subsequence of the FASTA's records. A query that is not found there, in order, gets an
    ordinal behind all records.
    """

    def __init__(self, fasta: QueryFasta) -> None:
        self._ids = fasta.ids
        self._places: dict[str | None, list[int]] = {}
        for place, name in enumerate(fasta.ids):
            self._places.setdefault(name, []).append(place)
        self._next = 0
        self._unknown = len(fasta.ids)
        self._ordinals: dict[int, int] = {}

    def place_hits(self, hits: pl.DataFrame) -> pl.DataFrame:
        """The hits with `qindex` as the ordinal in the FASTA."""
        seen = hits.select("qindex", "qseqid").unique("qindex", keep="first", maintain_order=True)
        found = [self._ordinal(index, name) for index, name in seen.iter_rows()]
        names = [self._name(ordinal, name) for ordinal, name in zip(found, seen["qseqid"], strict=True)]
        table = seen.with_columns(
            ordinal=pl.Series(found, dtype=pl.Int64), name=pl.Series(names, dtype=pl.String)
        ).drop("qseqid")
        placed = hits.select("qindex").join(table, on="qindex", how="left", maintain_order="left")
        return hits.with_columns(qindex=placed["ordinal"], qseqid=placed["name"])

    def place(self, query: Query) -> Query:
        """The query with the same ordinal and name as its hits."""
        query.index = self._ordinal(query.index, query.id)
        query.id = self._name(query.index, query.id)
        return query

    def _name(self, ordinal: int, name: str | None) -> str | None:
        """Tables call a record without a name `Query_7`."""
        nameless = ordinal < len(self._ids) and self._ids[ordinal] is None
        return unnamed(ordinal) if nameless else name

    def _ordinal(self, index: int, name: str | None) -> int:
        if index not in self._ordinals:
            places = self._places.get(name, [])
            told = ordinal_of(name)
            if not places and told is not None and told in self._places.get(None, ()):
                places = [told]
            following = bisect_left(places, self._next)
            if following < len(places):
                self._ordinals[index] = places[following]
                self._next = places[following] + 1
            else:
                self._ordinals[index] = self._unknown
                self._unknown += 1
        return self._ordinals[index]
