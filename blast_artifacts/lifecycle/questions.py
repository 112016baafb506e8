"""Answers to questions, from the tables of a published build or of a live reading."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from blast_artifacts.lifecycle import artifacts, parts, taxa
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.parts import Tables
from blast_artifacts.terms import BUILDER_VERSION
from blast_artifacts.views.file_pages import FilePage, file_page
from blast_artifacts.views.graphic import TABLES, Graphic
from blast_artifacts.views.question import TABLES_OF, Question
from shared import codec
from shared.settings import MIB

if TYPE_CHECKING:
    from blast_artifacts.lifecycle.live import Reading

_READERS_AT_ONCE = 2
_CACHE_BYTES = 8 * MIB

Asked = Question | Graphic | FilePage


@dataclass(frozen=True)
class Packed:
    """An answer as it goes out: gzip, and the number of bytes after gunzip."""

    stored: bytes
    plain_size: int


turn = threading.BoundedSemaphore(_READERS_AT_ONCE)
"""Held while tables are read for a request: there is memory for a few at once."""

_lock = threading.Lock()
_answers: LRUCache[str, Packed] = LRUCache(_CACHE_BYTES, getsizeof=lambda packed: len(packed.stored))


def mark_of(default: str, fingerprint: str, asked: Asked) -> str:
    """What stands for an answer, known before it is: equal in every build of the same input.

    `default` is the SHA-256 of the artifact as stored, of which the answer shows what all pages share.
    """
    said = [default, fingerprint, BUILDER_VERSION, asked.key, asked.page_size, asked.cursor, taxa.mark()]
    return codec.digest(codec.to_json(said))


def of_published(job_id: str, artifact: Artifact, asked: Asked, mark: str) -> Packed:
    """The answer over a published build.

    Raises NoParts, Superseded, BlobGone, and what `answer` of the views does.
    """
    with _lock:
        kept = _answers.get(mark)
    if kept is not None:
        return kept
    default = codec.unpack(artifacts.stored_bytes(artifact))
    where = parts.of_build(job_id, artifact)
    if isinstance(asked, FilePage):
        packed = _file_page(asked, default, parts.file_lines(where), artifact.fingerprint)
    else:
        names = TABLES if isinstance(asked, Graphic) else TABLES_OF[asked.table]
        with parts.opened(where, names) as tables, turn:
            packed = _answer(asked, default, tables, artifact.fingerprint)
    with _lock:
        if len(packed.stored) <= _CACHE_BYTES // 8:
            _answers[mark] = packed
    return packed


def of_reading(found: Reading, asked: Asked, default: bytes) -> Packed:
    """The answer over what was read live; raises what `answer` of the views does."""
    built = found.built
    if isinstance(asked, FilePage):
        return _file_page(asked, default, built.files, built.fingerprint)
    return _answer(asked, default, found.tables, built.fingerprint)


def _answer(asked: Question | Graphic, default: bytes, tables: Tables, fingerprint: str) -> Packed:
    from blast_artifacts.views.answer import answer
    from blast_artifacts.views.drawing import drawing

    if isinstance(asked, Graphic):
        return _packed(drawing(asked, codec.from_json(default), parts.scanned(tables)))
    return _packed(answer(asked, codec.from_json(default), parts.scanned(tables), fingerprint))


def _file_page(asked: FilePage, default: bytes, lines: bytes | None, fingerprint: str) -> Packed:
    return _packed(file_page(asked, codec.from_json(default), lines, fingerprint))


def _packed(answered: Mapping[str, Any]) -> Packed:
    body = codec.to_json(answered)
    return Packed(codec.pack(body), len(body))
