"""Pages of the manifest's list of files, of which the artifact holds the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from blast_artifacts.views.cursor import CursorExpired, question_hash, read_cursor, same_input, write_cursor
from blast_artifacts.views.parameters import (
    INTEGER,
    LONGEST_CURSOR,
    MOST_ROWS,
    TEXT,
    Parameter,
    no_cursor,
    read_values,
)
from shared.settings import settings

PARAMETERS = (
    Parameter("page_size", INTEGER, "Files on a page.", low=1, high=MOST_ROWS),
    Parameter("cursor", TEXT, "The next_cursor of the page before.", longest=LONGEST_CURSOR),
)
KEY = question_hash("manifest")


@dataclass(frozen=True)
class FilePage:
    """Some of the files: `page_size` of them, behind the place that `cursor` says."""

    page_size: int
    cursor: str | None = None

    @property
    def is_default(self) -> bool:
        """Whether this asks for what the artifact is."""
        return self == FilePage(settings().manifest_page)

    @property
    def key(self) -> str:
        return KEY


def parse_file_page(params: Mapping[str, str]) -> FilePage:
    """The page that the parameters of a request ask for; raises BadQuestion."""
    values = read_values(PARAMETERS, params)
    asked = FilePage(values.get("page_size", settings().manifest_page), values.get("cursor"))
    _place(asked)
    return asked


def file_page(
    asked: FilePage, default: Mapping[str, Any], lines: bytes | None, fingerprint: str
) -> dict[str, Any]:
    """The manifest with that page of files; raises CursorExpired.

    `lines` has a line of JSON for every file, null where the artifact shows all.
    """
    after = _place(asked)
    if asked.cursor is not None and not same_input(read_cursor(asked.cursor), fingerprint):
        raise CursorExpired("The results are others by now: begin again without a cursor.")
    end = after + 1 + asked.page_size
    if lines is None:
        files = default["files"][after + 1 : end]
    else:
        files = [orjson.loads(line) for line in islice(lines.splitlines(), after + 1, end)]
    more = end < default["total"]
    return {
        **default,
        "page_size": asked.page_size,
        "next_cursor": write_cursor(fingerprint, KEY, [end - 1]) if more else None,
        "files": files,
    }


def _place(asked: FilePage) -> int:
    """The 0-based number of the last file of the page before; -1 for the first page."""
    if asked.cursor is None:
        return -1
    try:
        place = read_cursor(asked.cursor)
        (last,) = place.last
    except ValueError:
        raise no_cursor() from None
    if place.question != KEY or type(last) is not int or not 0 <= last < 2**31:
        raise no_cursor()
    return last
