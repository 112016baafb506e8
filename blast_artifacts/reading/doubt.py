"""What came behind a break and may be another hit's or query's, until the numbers behind it tell (P7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from blast_artifacts.reading.collected import Collected, Mark
from blast_artifacts.reading.damage import reject
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.hsp_checks import may_follow
from blast_artifacts.reading.query_letters import QueryLetters


@dataclass(slots=True)
class Doubt:
    """HSPs of the open query that are kept only if nothing but them was lost.

    A hole may have swallowed the borders of hits and queries, so that what stands behind it looks as if it
    went on. It did if the next hit (query) has the very next number. Where none follows: `orderly`, nothing
    speaks against it; `same_letters`, an HSP behind the break shows the query of those before; `one_field`,
    no more than a field of one HSP of the open hit was lost; `small`, no more in all of the query.
    """

    collected: Collected
    report: Report
    letters: QueryLetters
    query: Mark | None = None
    hit: Mark | None = None
    places: list[tuple[int, int]] = field(default_factory=list)
    orderly: bool = True
    same_letters: bool = False
    one_field: bool = True
    small: bool = True

    def begin(self, in_hit: bool, small: bool = True) -> None:
        """From here on nothing is sure; `small`: only a field of one HSP was lost."""
        self.query = self.query or self.collected.mark()
        if in_hit:
            self.hit = self.hit or self.collected.mark()
        self.one_field &= small
        self.small &= small

    def denies(self, cells: Sequence[bytes], hit: Sequence[object], best: Sequence[bytes]) -> bool:
        """Whether an HSP behind the break cannot be one of the open hit and query."""
        same = self.letters.same(cells)
        self.same_letters |= same is True
        self.orderly &= same is not False
        return same is False or not may_follow(cells, self.letters.at, hit, best)

    def note(self, offset: int, line: int) -> None:
        """Where the HSP stands that was added last."""
        if self.query and len(self.collected) > self.query.rows + len(self.places):
            self.places.append((offset, line))

    def settle_hit(self, follows: bool | None) -> int:
        """What came of the open hit is its own, or goes; how many HSPs went.

        `follows`: whether the next hit has the very next number, None where none follows.
        """
        sure = self.one_field and self.orderly if follows is None else follows
        mark, self.hit, self.one_field = self.hit, None, True
        return 0 if mark is None or sure else self._drop(mark)

    def settle_query(self, follows: bool | None) -> int:
        """All that came of the query is its own, or goes; how many HSPs went."""
        sure = self.orderly and (self.same_letters or self.small) if follows is None else follows
        mark, self.query, self.hit = self.query, None, None
        gone = 0 if mark is None or sure else self._drop(mark)
        self.places, self.orderly, self.same_letters = [], True, False
        self.one_field = self.small = True
        return gone

    def given_out(self) -> None:
        """What waited has left: only what comes from now on can still go."""
        self.places = []
        self.query = self.query and self.collected.mark()
        self.hit = self.hit and self.collected.mark()

    def _drop(self, mark: Mark) -> int:
        gone = self.collected.back_to(mark)
        kept = max(0, len(self.places) - gone)
        for offset, line in self.places[kept:]:
            reject(self.report, "rejected_hsp", offset, line)
        del self.places[kept:]
        return gone
