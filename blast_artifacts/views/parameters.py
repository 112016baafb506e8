"""The parameters of a question: their names, types and ranges, and how a text becomes a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blast_artifacts.terms import ArtifactType, QueryStatus

TEXT, INTEGER, NUMBER, CHOICE, CHOICES, PLACES = "text", "integer", "number", "choice", "choices", "places"
LONGEST_TEXT = 200
LONGEST_ID = 2000
"""Ids that are not parsed may have any length; this much fits into a URL beside other parameters."""

LONGEST_CURSOR = 8192
MOST_ROWS = 500
DEFAULT_ROWS = 100

_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"\d{1,18}", re.ASCII)
PLACES_PATTERN = "([0-9]{1,18})-([0-9]{1,18}):([0-9]{1,18})-([0-9]{1,18})"
"""First and last position on the query, then on the subject, as `qstart`, `qend`, `sstart` and `send` are."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class BadQuestion(ValueError):
    """A question that cannot be understood; `parameter` is the name of what is wrong."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `low` and `high` are inclusive bounds, `choices` all values it may have.

    `longest` counts characters. `default` is what a request without it means, null where that is "any".
    """

    name: str
    kind: str
    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    longest: int = LONGEST_TEXT

    def read(self, text: str) -> Any:
        """The value that a text stands for; BadQuestion where it stands for none."""
        if len(text) > self.longest:
            raise BadQuestion(self.name, f"{self.name} is longer than {self.longest} characters.")
        if _CONTROL.search(text):
            raise BadQuestion(self.name, f"{self.name} holds a control character.")
        return _READERS[self.kind](self, text)

    def refuse(self, what: str) -> BadQuestion:
        return BadQuestion(self.name, f"{self.name} must be {what}.")


def _number(parameter: Parameter, text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return _within(parameter, value, "a number")


def _integer(parameter: Parameter, text: str) -> int:
    value = int(text) if _INTEGER.fullmatch(text) else math.nan
    return int(_within(parameter, value, "a whole number"))


def _within(parameter: Parameter, value: float, kind: str) -> float:
    low, high = parameter.low, parameter.high
    if not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high):
        bounds = f" from {low:.10g}" if high is None else f" from {low:.10g} to {high:.10g}"
        raise parameter.refuse(kind + bounds)
    return value + 0.0 if isinstance(value, float) else value  # -0.0 is 0.0


def _choice(parameter: Parameter, text: str) -> str:
    if text not in parameter.choices:
        raise parameter.refuse(f"one of {', '.join(parameter.choices)}")
    return text


def _choices(parameter: Parameter, text: str) -> tuple[str, ...]:
    """Several values with commas between them, each once, in the order of `choices`."""
    given = {word.strip() for word in text.split(",")}
    if not given <= set(parameter.choices):
        raise parameter.refuse(f"one or several of {', '.join(parameter.choices)}, with commas")
    return tuple(word for word in parameter.choices if word in given)


def _places(parameter: Parameter, text: str) -> tuple[int, ...]:
    found = re.fullmatch(PLACES_PATTERN, text)
    if not found:
        raise parameter.refuse("as 1-100:501-600: positions on the query, then on the subject")
    return tuple(map(int, found.groups()))


_READERS: Mapping[str, Callable[[Parameter, str], Any]] = {
    TEXT: lambda _, text: text,
    NUMBER: _number,
    INTEGER: _integer,
    CHOICE: _choice,
    CHOICES: _choices,
    PLACES: _places,
}


def read_values(parameters: Iterable[Parameter], params: Mapping[str, str]) -> dict[str, Any]:
    """The values that the texts of a request stand for, by name; raises BadQuestion.

    A parameter that is empty is the same as one that is not given.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    for name, text in params.items():
        if name not in known:
            names = ", ".join(known)
            raise BadQuestion(name[:40], f"There is no parameter {name[:40]!r} here; known are {names}.")
        if text != "":
            values[name] = known[name].read(text)
    return values


def no_cursor() -> BadQuestion:
    """What is said to a cursor that cannot have come from here."""
    return BadQuestion("cursor", "cursor is not one that was given out here.")


_QUERY = "its query_key, or its id (all queries of that id)"
_SUBJECT = "its id, in any of the ways BLAST prints it"

HIT_FILTERS = (
    Parameter("query", TEXT, f"Rows of one query: {_QUERY}.", longest=LONGEST_ID),
    Parameter("subject", TEXT, f"Rows of one subject: {_SUBJECT}.", longest=LONGEST_ID),
    Parameter("organism", TEXT, "Rows whose organism's name contains this text; case does not matter."),
    Parameter(
        "taxid",
        INTEGER,
        "Rows of this NCBI taxid or, with a taxonomy, below it.",
        low=1,
        high=2**31 - 1,
    ),
    Parameter("min_identity", NUMBER, "Percent identity of at least this.", low=0, high=100),
    Parameter("max_identity", NUMBER, "Percent identity of at most this.", low=0, high=100),
    Parameter("min_query_cover", NUMBER, "Query cover of at least this, in percent.", low=0, high=100),
    Parameter("max_query_cover", NUMBER, "Query cover of at most this, in percent.", low=0, high=100),
    Parameter("min_bitscore", NUMBER, "Bit score of at least this.", low=0),
    Parameter("min_evalue", NUMBER, "E value of at least this.", low=0),
    Parameter("max_evalue", NUMBER, "E value of at most this.", low=0),
)
"""Of descriptions, alignments and taxonomy."""

HSP_FILTERS = (
    *HIT_FILTERS,
    Parameter(
        "places", PLACES, "HSPs from and to these positions of query and subject, such as 1-100:501-600."
    ),
)
"""Of alignments."""

QUERY_FILTERS = (
    Parameter("query", TEXT, f"One query: {_QUERY}.", longest=LONGEST_ID),
    Parameter(
        "status", CHOICES, "Queries of these statuses, with commas between them.", choices=tuple(QueryStatus)
    ),
    Parameter("text", TEXT, "Queries whose id or title contains this text; case does not matter."),
)

RANGES = (
    ("min_identity", "max_identity"),
    ("min_query_cover", "max_query_cover"),
    ("min_evalue", "max_evalue"),
)
"""Pairs of filters of which the first must not be above the second."""

SORTS: Mapping[ArtifactType, tuple[str, ...]] = {
    ArtifactType.QUERIES: (
        "query", "title", "length", "status", "subjects", "hsps", "best_bits", "best_evalue",
    ),
    ArtifactType.DESCRIPTIONS: (
        "query", "subject", "max_score", "total_score", "query_cover", "query_cover_ncbi", "evalue",
        "min_evalue", "per_ident", "acc_len", "query_length", "hsps", "title",
    ),
    ArtifactType.ALIGNMENTS: (
        "query", "sseqid", "pident", "length", "mismatch", "gapopen", "qstart", "qend", "sstart", "send",
        "evalue", "bitscore", "qlen", "slen", "stitle", "nident", "positive", "gaps", "ppos", "qframe",
        "sframe", "score", "qcovs", "qcovus", "qcovhsp",
    ),
    ArtifactType.TAXONOMY: (
        "best_evalue", "best_bits", "subjects", "pairs", "hsps", "taxid", "name", "distance",
    ),
}  # fmt: skip
"""What each table can be sorted by; the first is its own order."""


def _paging(table: ArtifactType) -> tuple[Parameter, ...]:
    sorts = SORTS[table]
    rows = str(DEFAULT_ROWS)
    order = "From the lowest (asc) or the highest (desc); unknown values come last in both."
    return (
        Parameter("sort", CHOICE, "The column to sort by.", choices=sorts, default=sorts[0]),
        Parameter("order", CHOICE, order, choices=("asc", "desc"), default="asc"),
        Parameter("page_size", INTEGER, "Rows on a page.", low=1, high=MOST_ROWS, default=rows),
        Parameter("cursor", TEXT, "The next_cursor of the page before.", longest=LONGEST_CURSOR),
    )


_FILTERS = {ArtifactType.QUERIES: QUERY_FILTERS, ArtifactType.ALIGNMENTS: HSP_FILTERS}

PARAMETERS: Mapping[ArtifactType, tuple[Parameter, ...]] = {
    table: _FILTERS.get(table, HIT_FILTERS) + _paging(table) for table in SORTS
}
"""The parameters of each table, in the order they are explained in."""
