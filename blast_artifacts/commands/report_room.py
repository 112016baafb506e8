"""How much goes into a report: what a value takes in it, and as much of it as fits."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_SUBJECTS = 500


@dataclass(frozen=True, slots=True)
class Measure:
    """How much there is of one query at most; `drawn` are subjects in pictures, null for all."""

    subjects: int
    hsps: int
    drawn: int | None = None
    has_tree: bool = True


WHOLE = Measure(MOST_SUBJECTS, 100)
SMALLER = (
    Measure(MOST_SUBJECTS, 100, MOST_SUBJECTS),
    Measure(MOST_SUBJECTS, 10, MOST_SUBJECTS),
    Measure(MOST_SUBJECTS, 0, MOST_SUBJECTS),
    Measure(100, 0, 100),
    Measure(10, 0, 10, has_tree=False),
    Measure(1, 0, 1, has_tree=False),
)


def packed(value: Any) -> bytes:
    return gzip.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def size(value: Any) -> int:
    return len(packed(value))


def fitting(table: Mapping[str, Any], room: int) -> dict[str, Any]:
    """A table with as many of its first rows as there is room for."""
    rows = table["rows"]
    while rows and (taken := size(rows)) > room:
        rows = rows[: int(len(rows) * max(0.0, 0.9 * room / taken))]
    return {**table, "rows": rows, "next_cursor": None}


def fitting_taxonomy(table: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The organisms that there is room for; the tree is there whole or not at all."""
    tree = table["tree"] if size(table["tree"]) <= room // 2 else None
    left = room - (size(tree) if tree else 0)
    return {**fitting(table, left), "tree": tree}


def cut(of_query: Mapping[str, Any], to: Measure) -> dict[str, Any]:
    """What a report has of a query, of that measure."""
    most = {"descriptions": to.subjects, "alignments": to.hsps, "graphic": to.drawn, "taxonomy": to.subjects}
    less = {name: {**of_query[name], "rows": of_query[name]["rows"][:rows]} for name, rows in most.items()}
    drawn = less["graphic"]["rows"]
    less["graphic"] |= {
        "shown_subjects": len(drawn),
        "shown_hsps": sum(len(row["hsps"]) for row in drawn),
    }
    if not to.has_tree:
        less["taxonomy"]["tree"] = None
    return {**of_query, **less}


def as_much_as_fits(of_query: Mapping[str, Any], room: int) -> dict[str, Any] | None:
    """The largest measure of a query that there is room for; null where there is none."""
    cuts = (cut(of_query, measure) for measure in SMALLER)
    return next((less for less in cuts if size(less) <= room), None)
