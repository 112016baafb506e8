"""PSI-BLAST searches in rounds; a page shows one of them, by default the last (P69)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import polars as pl

from blast_artifacts.reading.hits import Batch, Query, hit_schema

Wanted = int | Literal["last", "all"]


def choose_rounds(batches: Iterator[Batch], wanted: Wanted) -> Iterator[Batch]:
    """The batches with one round of each query left, or all of them; files without rounds pass through."""
    if wanted == "all":
        yield from batches
        return
    held = _Held()
    for batch in batches:
        in_rounds = batch.hits["iteration"].null_count() < batch.hits.height
        if not in_rounds and not held.hits and all(query.iteration is None for query in batch.queries):
            yield batch
        elif wanted == "last":
            yield from held.last(batch)
        else:
            hits = batch.hits.filter(pl.col("iteration") == wanted)
            yield Batch(hits, [query for query in batch.queries if query.iteration in (None, wanted)])
    yield from held.release()


class _Held:
    """Hits of the newest round of the query that is being read."""

    def __init__(self) -> None:
        self.hits: list[pl.DataFrame] = []
        self._queries: dict[int, Query] = {}
        self._index: int | None = None
        self._round: int | None = None

    def last(self, batch: Batch) -> Iterator[Batch]:
        records: dict[int, list[Query]] = {}
        for query in batch.queries:
            records.setdefault(query.index, []).append(query)
        for rows in batch.hits.partition_by("qindex", "iteration", maintain_order=True):
            index, number = rows["qindex"][0], rows["iteration"][0]
            if index != self._index:
                yield from self._settle(records, index)
                self._index, self._round, self.hits = index, number, []
            elif number != self._round:
                self._round, self.hits = number, []
            self.hits.append(rows)
        for index, queries in records.items():
            self._queries[index] = queries[-1]
            self._drop_older(queries[-1])

    def _settle(self, records: dict[int, list[Query]], upto: int) -> Iterator[Batch]:
        for index in [index for index in records if index < upto]:
            self._queries[index] = records.pop(index)[-1]
            self._drop_older(self._queries[index])
        yield from self.release(upto)

    def _drop_older(self, query: Query) -> None:
        """A newer round without hits leaves none."""
        if query.index == self._index and (query.iteration or 0) > (self._round or 0):
            self._round, self.hits = query.iteration, []

    def release(self, upto: int | None = None) -> Iterator[Batch]:
        """What is held, of queries before `upto`."""
        done = [index for index in self._queries if upto is None or index < upto]
        queries = [self._queries.pop(index) for index in sorted(done)]
        if self.hits or queries:
            yield Batch(pl.concat(self.hits) if self.hits else hit_schema().to_frame(), queries)
        self.hits = []
