"""A folder that `build` has written, asked as the service is."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blast_artifacts.commands import intact
from blast_artifacts.commands.outcome import UsageError
from blast_artifacts.commands.taxonomy import opened_taxonomy
from blast_artifacts.files import plain_path
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.parameters import PARAMETERS

if TYPE_CHECKING:
    import polars as pl

    from blast_artifacts.views.parts import Tables

_PART = re.compile(r"(\d+)\.(hits|pairs|queries)\.parquet", re.ASCII)


class BuiltFolder:
    """Raises UsageError where there is no built result, and wherever it is found to be damaged.

    Texts of what it answers have `longest` letters at most where it is given.
    """

    def __init__(self, folder: Path, taxonomy: Path | None, longest: int | None = None) -> None:
        self.path = folder
        self._longest = longest
        self.has_taxonomy = taxonomy is not None
        self._texts: dict[ArtifactType, bytes] = {}
        self._artifacts: dict[ArtifactType, dict[str, Any]] = {}
        self._tables = _tables(folder, taxonomy, longest)

    def artifact(self, kind: ArtifactType) -> dict[str, Any]:
        """What the build wrote; it is read once, and not to be changed."""
        from blast_artifacts.views.shortened import shortened

        if kind not in self._artifacts:
            try:
                found = intact.read_artifact(kind, self._text(kind))
            except intact.NotIntact as error:
                raise self._damaged(_file_of(kind)) from error
            if self._longest:
                found = shortened(found, self._longest)
            self._check(kind, found)
            self._artifacts[kind] = found
        return self._artifacts[kind]

    def _check(self, kind: ArtifactType, found: Mapping[str, Any]) -> None:
        is_manifest = kind is ArtifactType.MANIFEST
        manifest = found if is_manifest else self.artifact(ArtifactType.MANIFEST)
        with self._parts_read():
            if not intact.is_of(found, manifest) or not intact.agrees(kind, found, self._tables):
                what = f"{_file_of(kind)} and the parts are not of one result"
                raise UsageError(f"{self.path} is damaged, {what}: build it again")

    def answer(
        self, table: ArtifactType, asked: Mapping[str, str], kept: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A page of a table, `kept` to what no request can name; raises BadQuestion and CursorExpired."""
        from blast_artifacts.views.answer import answer
        from blast_artifacts.views.question import parse_question

        question = parse_question(table, asked)
        if kept:
            question = replace(question, filters={**question.filters, **kept})
        with self._parts_read():
            return answer(question, self.artifact(table), self._tables, self._fingerprint)

    def drawing(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """What pictures of a query are drawn from; raises BadQuestion."""
        from blast_artifacts.views.drawing import drawing
        from blast_artifacts.views.graphic import parse_graphic

        with self._parts_read():
            return drawing(parse_graphic(asked), self.artifact(ArtifactType.DESCRIPTIONS), self._tables)

    def queries(self) -> pl.DataFrame:
        """A row a query and round, in input order."""
        with self._parts_read():
            return self._tables.queries()

    def _text(self, kind: ArtifactType) -> bytes:
        if kind not in self._texts:
            path = self.path / _file_of(kind)
            if not path.is_file():
                raise UsageError(f"{self.path} is no built result: {path.name} is not there")
            try:
                self._texts[kind] = gzip.decompress(path.read_bytes())
            except (OSError, EOFError, zlib.error) as error:
                raise self._damaged(path.name) from error
        return self._texts[kind]

    @contextmanager
    def _parts_read(self) -> Iterator[None]:
        import polars as pl

        try:
            with intact.silent_panics():
                yield
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise self._damaged("a file in parts") from error

    def _damaged(self, what: str) -> UsageError:
        return UsageError(f"{self.path} is damaged, {what} cannot be read: build the result again")

    @cached_property
    def _fingerprint(self) -> str:
        """What the artifacts' own cursors know the input by; if none has one, the manifest stands for it."""
        from blast_artifacts.views.canonical import digest
        from blast_artifacts.views.cursor import read_cursor

        for table in PARAMETERS:
            if cursor := self.artifact(table)["next_cursor"]:
                return read_cursor(cursor).fingerprint
        return digest(self._text(ArtifactType.MANIFEST).decode())


def _file_of(kind: ArtifactType) -> str:
    return f"{kind.removeprefix('result_')}.json.gz"


def _tables(folder: Path, taxonomy: Path | None, longest: int | None) -> Tables:
    from blast_artifacts.views.parts import scan

    parts: dict[str, dict[str, str | Path]] = {}
    for path in sorted((plain_path(folder) / "parts").glob("*.parquet")):
        named = _PART.fullmatch(path.name)
        if not named:
            raise UsageError(
                f"{folder}/parts/{path.name} is no part of a result: take it away, or build the result again"
            )
        parts.setdefault(named[1], {})[named[2]] = path
        try:
            intact.check_part(named[2], path)
        except intact.NotIntact as error:
            raise UsageError(
                f"{folder} is damaged, parts/{path.name} cannot be read: build the result again"
            ) from error
    if not parts:
        raise UsageError(f"{folder} is no built result: it has no parts")
    for number, tables in parts.items():
        for name in sorted({"hits", "pairs", "queries"} - tables.keys()):
            raise UsageError(
                f"{folder} is damaged, parts/{number}.{name}.parquet is not there: build it again"
            )
    return scan(list(parts.values()), opened_taxonomy(taxonomy), longest)
