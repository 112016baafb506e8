"""The ordinals of the queries of a structured report, and whether one follows the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hits import Query, Report
from blast_artifacts.reading.identity import NO_TITLE, query_name

_ORDINAL = re.compile(r"Query_(\d{1,9})")


@dataclass(slots=True)
class QueryNumbers:
    """Numbers queries from 0; rounds of one query share its number."""

    report: Report
    count: int = 0
    previous: tuple[str | None, str | None] | None = None
    number: int | None = None
    follows: bool | None = None
    missing: bool = False
    _names: set[int] = field(default_factory=set)

    def next(
        self, words: tuple[str | None, str | None], length: int | None, turn: int | None, number: int | None
    ) -> Query:
        """The query of this printed id and title, or with `turn` > 1 the next round of the one before.

        `number` counts the queries and rounds of the report, where it does; else `Query_7` tells. Afterwards
        `follows` says whether the query before has the number before (None where nothing tells), `missing`
        whether some in between are lost.
        """
        printed, title = words
        if number is None and (found := _ORDINAL.fullmatch(printed or "")):
            number = int(found[1])
        before, self.number = self.number, number
        self.follows, self.missing = None, False
        # DIAMOND may leave queries without hits out.
        counted = not (self.report.search.version or "").startswith("diamond")
        if before is not None and number is not None and number > before and counted:
            self.follows = number == before + 1
            self.missing = not self.follows
        if not (turn and turn > 1 and words == self.previous):
            self.count += 1
            self.previous = words
        name = query_name(printed, title, self.count - 1)
        if (turn or 1) == 1:
            if hash(name) in self._names:
                warn(self.report, "duplicate_query_ids")
            self._names.add(hash(name))
        shown = None if title in (None, "", NO_TITLE) else title
        return Query(self.count - 1, name, shown, length, iteration=turn)
