"""What may be asked of the pictures of a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blast_artifacts.views.cursor import question_hash
from blast_artifacts.views.parameters import HIT_FILTERS
from blast_artifacts.views.question import checked_values

PARAMETERS = HIT_FILTERS

TABLES = ("hits", "pairs", "queries")
"""The tables of a part that a picture needs."""

MOST_HSPS = 20_000
"""HSPs that are told of, those of the best subjects; the answer says how many there are in all."""


@dataclass(frozen=True)
class Graphic:
    """The pairs to draw: of one query, those that pass; of the first with hits if none is named."""

    filters: Mapping[str, Any]
    page_size: int = MOST_HSPS
    cursor: None = None
    is_default = False

    @cached_property
    def key(self) -> str:
        return question_hash("graphic", dict(self.filters))


def parse_graphic(params: Mapping[str, str]) -> Graphic:
    """The picture that the parameters of a request ask for; raises BadQuestion."""
    return Graphic(checked_values(PARAMETERS, params))
