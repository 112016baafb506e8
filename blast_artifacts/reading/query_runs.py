"""Where one query ends and the next begins in rows that nothing separates (outfmt 6, 10, 20)."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hits import Query, Report
from blast_artifacts.reading.twice import twice

IDS_REMEMBERED = 1_000_000

_Key = tuple[float, float]
_Numbers = tuple[pl.Series | list[int], list[int | None], list[Query]]


@dataclass(slots=True)
class _List:
    """The subjects of the open query so far, and whether they came best first."""

    subjects: set[str | None] = field(default_factory=set)
    last: _Key | None = None
    ordered: bool = True


class QueryRuns:
    """Numbers the queries of rows in file order.

    Neighbouring rows with one query id are one query, unless a subject comes back after another subject:
    BLAST writes the rows of a subject together, so a second list has begun, of another query of that name
    or of the next PSI-BLAST round (P38, P69).
    """

    def __init__(self, report: Report, psiblast: bool) -> None:
        self._report = report
        self._psiblast = psiblast
        self._seen: set[int] = set()
        self._list = _List()
        self._subject: str | None = None
        self._open: Query | None = None

    @property
    def is_open(self) -> bool:
        """Whether the rows that come may belong to the query of those before."""
        return self._open is not None

    def number(self, hits: pl.DataFrame, first: int, converged: bool) -> tuple[pl.DataFrame, list[Query]]:
        """The hits with `qindex` and `iteration`, and the queries that ended among them.

        `first` is the ordinal of the next new query; `converged`: PSI-BLAST says among these rows that a
        search is at an end.
        """
        self._psiblast = self._psiblast or converged
        queries, subjects = hits["qseqid"], hits["sseqid"]
        change = queries.ne_missing(queries.shift()) | subjects.ne_missing(subjects.shift())
        change[0] = True
        starts = change.arg_true()
        runs = hits.select("qseqid", "sseqid", "evalue", "bitscore", "qlen")[starts]
        runs = runs.with_columns(query=pl.col("qseqid").rle_id())
        slow = self._psiblast or self._comes_back(runs)
        indexes, rounds, ended = self._one_by_one(runs, first) if slow else self._at_once(runs, first)
        lengths = starts.append(pl.Series([hits.height], dtype=starts.dtype)).diff()[1:]
        numbers = pl.DataFrame(
            {"qindex": indexes, "iteration": rounds}, schema={"qindex": pl.Int64, "iteration": pl.Int64}
        )
        spread = numbers.select(pl.all().repeat_by(pl.lit(lengths)).explode())
        return hits.with_columns(spread["qindex"], spread["iteration"]), ended

    def close(self) -> list[Query]:
        """The query that was open, now that nothing follows it."""
        ended = [self._open] if self._open else []
        self._open, self._list = None, _List()
        return ended

    def _comes_back(self, runs: pl.DataFrame) -> bool:
        if twice(runs, "query", "sseqid"):
            return True
        if self._open is None or runs["qseqid"][0] != self._open.id:
            return False
        again = runs.filter(pl.col("query") == 0)["sseqid"].to_list()
        if again[0] == self._subject:
            again = again[1:]
        return not self._list.subjects.isdisjoint(again)

    def _at_once(self, runs: pl.DataFrame, first: int) -> _Numbers:
        names = runs["qseqid"].rle().struct.field("value").to_list()
        lengths = runs.filter(pl.col("query").is_first_distinct())["qlen"].to_list()
        going_on = self._open is not None and names[0] == self._open.id
        ended: list[Query] = []
        for place, name in enumerate(names):
            if place or not going_on:
                self._begin(name, first + place - going_on, lengths[place], None, ended)
        assert self._open is not None
        indexes = runs["query"].cast(pl.Int64) + (self._open.index - (len(names) - 1))
        tail = runs.filter(pl.col("query") == len(names) - 1)
        self._remember(tail)
        return indexes, [None] * runs.height, ended

    def _remember(self, runs: pl.DataFrame) -> None:
        """Carry the subjects of the open query over to the next region."""
        self._list.subjects.update(runs["sseqid"].to_list())
        self._subject = runs["sseqid"][-1]
        evalue, bits = pl.col("evalue"), pl.col("bitscore")
        rising = (evalue > evalue.shift()) | ((evalue == evalue.shift()) & (bits <= bits.shift()))
        known = runs["evalue"].null_count() + runs["bitscore"].null_count() == 0
        first = _key(runs["evalue"][0], runs["bitscore"][0])
        joined = self._list.last is None or (first is not None and first >= self._list.last)
        self._list.ordered &= known and joined and bool(runs.select(rising.slice(1).all()).item())
        self._list.last = _key(runs["evalue"][-1], runs["bitscore"][-1])

    def _one_by_one(self, runs: pl.DataFrame, first: int) -> _Numbers:
        indexes: list[int] = []
        rounds: list[int | None] = []
        ended: list[Query] = []
        keys: list[_Key | None] = []
        places: dict[str | None, int] = {}
        following = first
        for place, (name, subject, evalue, bits, length, _) in enumerate(runs.iter_rows()):
            key = _key(evalue, bits)
            keys.append(key)
            begin = place
            if self._open is None or name != self._open.id:
                self._begin(name, following, length, 1 if self._psiblast else None, ended)
                following += 1
                places = {}
            elif subject != self._subject and subject in self._list.subjects:
                if self._in_order(key):
                    warn(self._report, "subjects_not_grouped")
                else:
                    begin = _list_start(keys, places.get(subject, -1) + 1, place)
                    following += self._second_list(following, ended)
                    names = runs["sseqid"][begin:place].to_list()
                    self._list.subjects.update(names)
                    places = {other: begin + step for step, other in enumerate(names)}
            self._note(subject, key)
            places[subject] = place
            query = self._open
            assert query is not None
            for row in range(begin, place):
                indexes[row], rounds[row] = query.index, query.iteration
            indexes.append(query.index)
            rounds.append(query.iteration)
        return indexes, rounds, ended

    def _in_order(self, key: _Key | None) -> bool:
        """Whether best came first all along: then the rows were sorted, and no second list has begun."""
        last = self._list.last
        return self._list.ordered and key is not None and last is not None and key > last

    def _second_list(self, following: int, ended: list[Query]) -> int:
        """Begin the next round, or the next query of the same name; how many ordinals that took."""
        query = self._open
        assert query is not None
        if self._psiblast:
            ended.append(query)
            number = (query.iteration or 1) + 1
            self._open = Query(query.index, query.id, length=query.length, iteration=number)
            self._list = _List()
            return 0
        self._begin(query.id, following, query.length, None, ended)
        return 1

    def _note(self, subject: str | None, key: _Key | None) -> None:
        listed = self._list
        listed.subjects.add(subject)
        listed.ordered &= key is not None and (listed.last is None or key >= listed.last)
        listed.last = key
        self._subject = subject

    def _begin(
        self, name: str | None, index: int, length: int | None, iteration: int | None, ended: list[Query]
    ) -> None:
        if self._open:
            ended.append(self._open)
        if len(self._seen) < IDS_REMEMBERED:
            mark = hash(name)
            if mark in self._seen:
                warn(self._report, "duplicate_query_ids")
            self._seen.add(mark)
        self._open, self._list = Query(index, name, length=length, iteration=iteration), _List()


def _key(evalue: float | None, bits: float | None) -> _Key | None:
    """Sorts as BLAST sorts subjects: lowest E value, then highest bits."""
    return None if evalue is None or bits is None else (evalue, -bits)


def _list_start(keys: list[_Key | None], low: int, place: int) -> int:
    """The run that heads the second list: the best one since the subject stood last, if it is a step up."""
    best = place
    for candidate in range(low, place):
        key, best_key = keys[candidate], keys[best]
        if key is not None and best_key is not None and key < best_key:
            best = candidate
    before = keys[best - 1] if best else None
    key = keys[best]
    return best if best == place or (before is not None and key is not None and key < before) else place
