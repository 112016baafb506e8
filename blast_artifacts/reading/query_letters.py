"""Letters of a query as its HSPs show them: two HSPs that show other letters at one place are not one's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SHOWN = 16
"""HSPs of a query that are remembered; the first ones are the longest."""

TELLING = 12
"""As many equal letters are no chance."""

_ANY = b"XN*"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Letters from a place on; `frame` is 0 where the query is not translated, `first` counts codons then."""

    frame: int
    first: int
    letters: bytes


@dataclass(slots=True)
class QueryLetters:
    """What is known of the open query; `at` is the place of each field among the cells of an HSP."""

    at: Mapping[str, int]
    _cells: list[Sequence[bytes]] = field(default_factory=list)
    _pieces: list[_Piece] | None = None

    def forget(self) -> None:
        """Another query begins."""
        self._cells, self._pieces = [], None

    def show(self, *hsps: Sequence[bytes]) -> None:
        """HSPs of the query."""
        if len(self._cells) < SHOWN:
            self._cells += hsps[: SHOWN - len(self._cells)]

    def same(self, cells: Sequence[bytes]) -> bool | None:
        """Whether an HSP shows the same query; None if it shows too little that is known."""
        if self._pieces is None:
            self._pieces = [self._piece(known) for known in self._cells]
        new, equal = self._piece(cells), 0
        for known in self._pieces:
            low = max(new.first, known.first)
            high = min(new.first + len(new.letters), known.first + len(known.letters))
            if known.frame != new.frame or low >= high:
                continue
            theirs = known.letters[low - known.first : high - known.first]
            ours = new.letters[low - new.first : high - new.first]
            if ours != theirs and any(
                a != b and a not in _ANY and b not in _ANY for a, b in zip(ours, theirs, strict=True)
            ):
                return False
            equal = max(equal, high - low)
        return True if equal >= TELLING else None

    def _piece(self, cells: Sequence[bytes]) -> _Piece:
        letters = cells[self.at["qseq"]].replace(b"-", b"").upper()
        start, end = int(cells[self.at["query_from"]]), int(cells[self.at["query_to"]])
        low, high = min(start, end), max(start, end)
        if high - low + 1 == len(letters):
            return _Piece(0, low, letters)
        backward = cells[self.at["query_frame"]].startswith(b"-") or start > end
        if backward:
            return _Piece(-1 - high % 3, -(high // 3), letters)
        return _Piece(1 + low % 3, low // 3, letters)
