"""The taxonomy table that the app settings name."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from blast_artifacts.tables.table_mark import table_mark
from shared.settings import settings

if TYPE_CHECKING:
    from blast_artifacts.tables.taxonomy import Taxonomy

log = logging.getLogger(__name__)


def taxonomy() -> Taxonomy | None:
    """The table, or None where none is named or none is there: then taxids are shown as they are."""
    from blast_artifacts.tables.taxonomy import Taxonomy

    path = settings().taxonomy_file
    return Taxonomy(Path(path)) if path and _mark(path) else None


def mark() -> str | None:
    """What stands for the table in marks of answers."""
    path = settings().taxonomy_file
    return _mark(path) if path else None


@cache
def _mark(path: str) -> str | None:
    if not Path(path).is_file():
        log.error("TAXONOMY_FILE names %s, which is not there: no lineages", path)
        return None
    return table_mark(Path(path))
