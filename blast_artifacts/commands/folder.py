"""A folder that `build` has written, asked as the service is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from blast_artifacts.commands.outcome import UsageError
from blast_artifacts.commands.taxonomy import opened_taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.parameters import PARAMETERS


class BuiltFolder:
    """Raises UsageError where there is no built result."""

    def __init__(self, folder: Path, taxonomy: Path | None) -> None:
        self.path = folder
        self._tables = _tables(folder, taxonomy)

    def artifact(self, kind: ArtifactType) -> Any:
        return json.loads(self._text(kind))

    def answer(self, table: ArtifactType, asked: Mapping[str, str]) -> dict[str, Any]:
        """A page of a table; raises BadQuestion and CursorExpired."""
        from blast_artifacts.views.answer import answer
        from blast_artifacts.views.question import parse_question

        return answer(parse_question(table, asked), self.artifact(table), self._tables, self._fingerprint)

    def drawing(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """What pictures of a query are drawn from; raises BadQuestion."""
        from blast_artifacts.views.drawing import drawing
        from blast_artifacts.views.graphic import parse_graphic

        return drawing(parse_graphic(asked), self.artifact(ArtifactType.DESCRIPTIONS), self._tables)

    def _text(self, kind: ArtifactType) -> bytes:
        path = self.path / f"{kind.removeprefix('result_')}.json.gz"
        if not path.is_file():
            raise UsageError(f"{self.path} is no built result: {path.name} is not there")
        return gzip.decompress(path.read_bytes())

    @cached_property
    def _fingerprint(self) -> str:
        """What the artifacts' own cursors know the input by; if none has one, the manifest stands for it."""
        from blast_artifacts.views.canonical import digest
        from blast_artifacts.views.cursor import read_cursor

        for table in PARAMETERS:
            if cursor := self.artifact(table)["next_cursor"]:
                return read_cursor(cursor).fingerprint
        return digest(self._text(ArtifactType.MANIFEST).decode())


def _tables(folder: Path, taxonomy: Path | None) -> Any:
    from blast_artifacts.views.parts import scan

    parts: dict[str, dict[str, str | Path]] = {}
    for path in sorted((folder / "parts").glob("*.parquet")):
        number, table, _ = path.name.split(".")
        parts.setdefault(number, {})[table] = path
    if not parts:
        raise UsageError(f"{folder} is no built result: it has no parts")
    return scan(list(parts.values()), opened_taxonomy(taxonomy))
