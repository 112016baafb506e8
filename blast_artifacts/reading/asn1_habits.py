"""What the HSPs of an archive have in common: one that differs is made of two that have run together.

Archives number nothing, so that a hole may join the head of one HSP to the tail of another and leave no trace
but that its fields do not fit each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from blast_artifacts.reading.asn1_alignment import Scores

SURE = 3
"""HSPs that keep a rule before one that breaks it is damage; a rule that is broken earlier is none."""


@dataclass(slots=True)
class Line:
    """Bit scores of one query in one frame: they lie on a line over the raw scores."""

    points: list[tuple[int, float]] = field(default_factory=list)
    fitting: int | None = 0

    def fits(self, score: int, bits: float) -> bool:
        """Whether this one lies on the line of those before."""
        if self.fitting is None or any(score == known for known, _ in self.points):
            return True
        if len(self.points) < 2:
            self.points.append((score, bits))
            return True
        (low, low_bits), (high, high_bits) = self.points
        expected = low_bits + (score - low) * (high_bits - low_bits) / (high - low)
        near = abs(bits - expected) < 1e-4 + 1e-6 * abs(bits)
        if self.fitting < SURE:
            self.fitting = self.fitting + 1 if near else None
            return True
        return near


@dataclass(slots=True)
class Habits:
    """How the writer of an archive fills the fields of an HSP."""

    _told: tuple[bool, ...] = ()
    _covering: int | None = 0
    _query: int = -1
    _lines: dict[object, Line] = field(default_factory=dict)

    def agree(self, scores: Scores, query: int, frame: object, letters: int, length: int | None) -> bool:
        """Whether the fields of an HSP fit each other; it covers `letters` of the `length` of its query."""
        return (
            self._tells(scores)
            and self._covers(scores, letters, length)
            and self._scales(scores, query, frame)
        )

    def _tells(self, scores: Scores) -> bool:
        """A score that was given for the HSPs before is there."""
        told = tuple(
            value is not None for value in (scores.score, scores.evalue, scores.bits, scores.identities)
        )
        self._told = self._told or told
        return told == self._told

    def _covers(self, scores: Scores, letters: int, length: int | None) -> bool:
        """The printed coverage is that of the place beside it; BLAST+ adds a half below 99 %."""
        if scores.coverage is None or not length or self._covering is None:
            return True
        exact = 100.0 * letters / length
        fits = min(abs(scores.coverage - exact), abs(scores.coverage - exact - 0.5)) < 1e-6
        if self._covering < SURE:
            self._covering = self._covering + (exact < 99) if fits else None
            return True
        return fits

    def _scales(self, scores: Scores, query: int, frame: object) -> bool:
        """Raw and bit score belong to each other."""
        if scores.score is None or scores.bits is None:
            return True
        if query != self._query:
            self._query, self._lines = query, {}
        return self._lines.setdefault(frame, Line()).fits(scores.score, scores.bits)
