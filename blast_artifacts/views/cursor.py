"""Where the next page of a table begins, good for any build of the same input."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from blast_artifacts.terms import BUILDER_VERSION
from blast_artifacts.views.canonical import digest

_MARK = 16


class CursorExpired(Exception):
    """The cursor was given out for other input, or by another builder."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The input (fingerprint), the question (hash) and the sort key of the last row given out."""

    fingerprint: str
    question: str
    last: tuple[Any, ...]
    builder: int = BUILDER_VERSION


def question_hash(table: str, question: Mapping[str, Any] | None = None) -> str:
    """What is asked of a table, as a hash; the default question asks nothing."""
    return digest([table, dict(question or {})])[:_MARK]


def write_cursor(fingerprint: str, question: str, last: Sequence[Any]) -> str:
    """The cursor as text that goes into a URL as it is."""
    text = orjson.dumps([fingerprint[:_MARK], BUILDER_VERSION, question, list(last)])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """The cursor that a text stands for; ValueError where it stands for none."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        fingerprint, builder, question, last = orjson.loads(base64.urlsafe_b64decode(padded))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError, TypeError, ValueError) as error:
        raise ValueError("not a cursor") from error
    texts = isinstance(fingerprint, str) and isinstance(question, str)
    if not (texts and isinstance(builder, int) and isinstance(last, list)):
        raise ValueError("not a cursor")
    return Cursor(fingerprint, question, tuple(last), builder)


def same_input(cursor: Cursor, fingerprint: str) -> bool:
    """Whether a cursor was made of this input by this builder."""
    return cursor.fingerprint == fingerprint[:_MARK] and cursor.builder == BUILDER_VERSION
