"""What is asked of a table: filters, a sort, a page, and the text that says so in a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from blast_artifacts.terms import BUILDER_VERSION, ArtifactType
from blast_artifacts.views.cursor import Cursor, question_hash, read_cursor
from blast_artifacts.views.parameters import (
    DEFAULT_ROWS,
    PARAMETERS,
    RANGES,
    SORTS,
    BadQuestion,
    Parameter,
    no_cursor,
    read_values,
)

__all__ = ["PARAMETERS", "TABLES_OF", "BadQuestion", "Question", "parse_question"]

TABLES_OF: Mapping[ArtifactType, tuple[str, ...]] = {
    ArtifactType.QUERIES: ("queries",),
    ArtifactType.DESCRIPTIONS: ("pairs",),
    ArtifactType.ALIGNMENTS: ("hits", "queries"),
    ArtifactType.TAXONOMY: ("pairs",),
}
"""The tables of a part that a question to each artifact needs."""

_PAGING = frozenset({"sort", "order", "page_size", "cursor"})


@dataclass(frozen=True)
class Question:
    """A question to one table, normalised: two spellings of the same question are equal.

    `filters` holds only what was asked for, by parameter name, as the values these stand for. `cursor` is the
    text that was given, already known to belong to this question.
    """

    table: ArtifactType
    filters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sort: str = ""
    descending: bool = False
    page_size: int = DEFAULT_ROWS
    cursor: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "filters", MappingProxyType(dict(sorted(self.filters.items()))))
        object.__setattr__(self, "sort", self.sort or SORTS[self.table][0])

    @property
    def is_default(self) -> bool:
        """Whether this asks for what the artifact is."""
        return self == Question(self.table)

    @cached_property
    def key(self) -> str:
        """A hash of table, filters and order; where a page begins and how long it is are no part of it."""
        asked: dict[str, Any] = dict(self.filters)
        if self.sort != SORTS[self.table][0] or self.descending:
            asked |= {"sort": self.sort, "descending": self.descending}
        return question_hash(self.table.removeprefix("result_"), asked)

    @property
    def position(self) -> Cursor | None:
        """What the cursor says."""
        return None if self.cursor is None else read_cursor(self.cursor)


def parse_question(table: ArtifactType, params: Mapping[str, str]) -> Question:
    """The question that the parameters of a request ask; BadQuestion says what cannot be understood."""
    values = checked_values(PARAMETERS[table], params)
    question = Question(
        table,
        {name: value for name, value in values.items() if name not in _PAGING},
        values.get("sort", ""),
        values.get("order") == "desc",
        values.get("page_size", DEFAULT_ROWS),
        values.get("cursor"),
    )
    _refuse_foreign_cursor(question)
    return question


def checked_values(parameters: Iterable[Parameter], params: Mapping[str, str]) -> dict[str, Any]:
    """The values of a request's parameters, by name; BadQuestion where they cannot be meant together."""
    values = read_values(parameters, params)
    for low, high in RANGES:
        if low in values and high in values and values[low] > values[high]:
            raise BadQuestion(low, f"{low} is above {high}.")
    return values


def _refuse_foreign_cursor(question: Question) -> None:
    try:
        position = question.position
    except ValueError:
        raise no_cursor() from None
    if position is None or position.builder != BUILDER_VERSION:
        return  # what an older builder gave out has expired, whatever it asked
    if position.question != question.key:
        raise BadQuestion("cursor", "cursor belongs to another question: keep filters and sort as they were.")
