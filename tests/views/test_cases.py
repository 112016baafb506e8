"""Every case of the expectation table through the whole build."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest

from blast_artifacts.reading.outfmt import OutfmtSpec, parse_outfmt
from tests.views.built import CASES, build


def _expectations() -> list[dict[str, str]]:
    with (CASES / "expectations.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _asked(row: dict[str, str]) -> OutfmtSpec | None:
    """The --outfmt that the table's note says was given."""
    if row["format"] in ("unknown", "none"):
        return None
    if spec := re.search(r'--outfmt "([^"]+)"', row["note"]):
        return parse_outfmt(spec[1])
    stated = "--outfmt 6 given" in row["note"] or row["path"] == "encoding/utf8.outfmt5.xml"
    return parse_outfmt(row["format"]) if stated else None


@pytest.mark.parametrize("row", _expectations(), ids=lambda row: f"{row['path']} {row['format']}")
def test_a_case_has_its_expected_state_and_counts(row: dict[str, str]) -> None:
    summary = build(CASES / row["path"], outfmt=_asked(row)).summary
    found: dict[str, Any] = {**summary, "state": summary["sources"][0]["state"]}
    names = ("state", "queries", "queries_with_hits", "pairs", "hsps", "complete")
    told = [name for name in names if row[name] != "?"]
    assert {name: str(found[name]).lower() for name in told} == {name: row[name] for name in told}
