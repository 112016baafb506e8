"""Exports small enough to be made while the caller waits."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Any

from blast_artifacts.lifecycle import artifacts, parts
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.parts import Parts, Tables
from blast_artifacts.lifecycle.questions import turn
from blast_artifacts.views.export import Export, write_export
from blast_artifacts.views.question import TABLES_OF
from shared import codec
from shared.settings import settings


class TooLarge(Exception):
    """The export is too large for an answer, or takes too long."""


def of_published(job_id: str, artifact: Artifact, export: Export) -> bytes:
    """The file, from the tables whose artifact this is.

    Raises TooLarge, NoParts, Superseded, BlobGone and NoSequences.
    """
    where = parts.listed(artifact)
    if _expected_bytes(job_id, where, export) > settings().export_at_once_bytes:
        raise TooLarge
    with parts.opened(where, TABLES_OF[export.question.table]) as tables, turn:
        return of_tables(export, tables)


def of_tables(export: Export, tables: Tables) -> bytes:
    """The file, from these tables; raises TooLarge and NoSequences."""
    file = _Bounded()
    try:
        write_export(export, parts.scanned(tables), file)
    except Exception as error:
        raise file.error or error from None
    return file.getvalue()


def _expected_bytes(job_id: str, where: Parts, export: Export) -> float:
    """The share of the tables' bytes that passes the filters."""
    from blast_artifacts.views.answer import answer

    size = where.size_of(TABLES_OF[export.question.table])
    if not export.question.filters or size <= settings().export_at_once_bytes:
        return size
    shown = artifacts.find(job_id, export.question.table)
    if shown is None or shown.build != where.artifact.build:
        raise parts.Superseded
    default = codec.from_json(codec.unpack(artifacts.stored_bytes(shown)))
    counted = replace(export.question, sort="", descending=False, page_size=1)
    with parts.opened(where, TABLES_OF[export.question.table]) as tables, turn:
        page = answer(counted, default, parts.scanned(tables), shown.fingerprint)
    return float(size * page["filtered"] / max(1, page["total"]))


class _Bounded(io.BytesIO):
    """A file in memory that ends where it would be too large or too late for an answer."""

    def __init__(self) -> None:
        super().__init__()
        self._deadline = time.monotonic() + settings().export_at_once_seconds
        self.error: Exception | None = None

    def write(self, data: Any, /) -> int:
        size = self.tell() + len(data)
        if size > settings().through_function_bytes or time.monotonic() > self._deadline:
            self.error = TooLarge()
            raise self.error
        return super().write(data)
