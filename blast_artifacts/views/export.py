"""A whole filtered table as one file: which tables in which formats, and what of it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.cursor import question_hash
from blast_artifacts.views.parameters import CHOICE, PARAMETERS, BadQuestion, Parameter
from blast_artifacts.views.question import Question, parse_question

if TYPE_CHECKING:
    from blast_artifacts.views.parts import Tables

_TABLES = {
    "queries": ArtifactType.QUERIES,
    "descriptions": ArtifactType.DESCRIPTIONS,
    "alignments": ArtifactType.ALIGNMENTS,
}
_ALL = ("csv", "tsv", "jsonl", "parquet")

FORMATS: Mapping[ArtifactType, tuple[str, ...]] = {
    ArtifactType.QUERIES: _ALL,
    ArtifactType.DESCRIPTIONS: (*_ALL, "ncbi-csv"),
    ArtifactType.ALIGNMENTS: (*_ALL, "fasta"),
}
"""The formats that each table is given in."""

CONTENT_TYPES = {
    "csv": ("text/csv; charset=utf-8", ".csv"),
    "ncbi-csv": ("text/csv; charset=utf-8", ".csv"),
    "tsv": ("text/tab-separated-values; charset=utf-8", ".tsv"),
    "jsonl": ("application/x-ndjson", ".jsonl"),
    "parquet": ("application/vnd.apache.parquet", ".parquet"),
    "fasta": ("text/x-fasta; charset=utf-8", ".fasta"),
}
"""What each format is called in HTTP, and how its files end."""

TABLE = Parameter("table", CHOICE, "The table.", choices=tuple(_TABLES))
FORMAT = Parameter("format", CHOICE, "The format.", choices=tuple(CONTENT_TYPES), default="csv")
SAFE = Parameter(
    "safe", CHOICE, "1 keeps text cells from running as formulas in Excel, 0 leaves them as they are.",
    choices=("0", "1"), default="1",
)  # fmt: skip
EXPORT_PARAMETERS = (TABLE, FORMAT, SAFE)
"""What an export takes besides the filters, `sort` and `order` of its table."""

OF_PAGES = ("page_size", "cursor")
"""Parameters of a table that its export does not take."""
_WITH_FORMULAS = frozenset({"csv", "tsv", "ncbi-csv"})


class NoSequences(Exception):
    """The output format has no sequences to export; the text names the rerun."""


@dataclass(frozen=True)
class Export:
    """All rows that answer a question, in its order; `safe` keeps text cells from being run by Excel."""

    question: Question
    format: str
    safe: bool = True

    @property
    def key(self) -> str:
        """A hash of what is asked, for the name of the file."""
        return question_hash(self.question.key, {"format": self.format, "safe": self.safe})

    @property
    def table(self) -> str:
        return self.question.table.removeprefix("result_")


def parse_export(params: Mapping[str, str]) -> Export:
    """The export that the parameters of a request ask for; BadQuestion where it cannot be understood."""
    given = {name: text for name, text in params.items() if text != ""}
    if TABLE.name not in given:
        raise TABLE.refuse(f"given: {', '.join(_TABLES)}")
    table = _TABLES[TABLE.read(given[TABLE.name])]
    form = FORMAT.read(given.get(FORMAT.name, "csv"))
    if form not in FORMATS[table]:
        raise FORMAT.refuse(f"one of {', '.join(FORMATS[table])} for this table")
    safe = SAFE.read(given.get(SAFE.name, "1")) == "1" or form not in _WITH_FORMULAS
    own = {parameter.name for parameter in EXPORT_PARAMETERS}
    known = own | {parameter.name for parameter in PARAMETERS[table]} - set(OF_PAGES)
    for name in params:
        if name not in known:
            raise BadQuestion(name[:40], f"An export has no parameter {name[:40]!r}.")
    question = parse_question(table, {name: text for name, text in given.items() if name not in own})
    return Export(question, form, safe)


def write_export(export: Export, tables: Tables, target: Path | IO[bytes]) -> int:
    """Writes all rows to a file and gives their number; raises NoSequences, and leaves no file then.

    A file that is open is written from its beginning to its end, whatever becomes of it.
    """
    from blast_artifacts.views.written import write

    return write(export, tables, target)
