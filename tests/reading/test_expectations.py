"""Every row of the expectation table."""

from __future__ import annotations

import csv

import pytest

from blast_artifacts.terms import FileState, QueryStatus
from tests.reading.files import CASES, read_whole


def _table() -> list[dict[str, str]]:
    with (CASES / "expectations.tsv").open(encoding="utf-8") as text:
        return list(csv.DictReader(text, delimiter="\t"))


@pytest.mark.parametrize("row", _table(), ids=lambda row: f"{row['path']}[{row['format']}]")
def test_a_case_has_the_state_and_the_counts_of_the_table(row: dict[str, str]) -> None:
    asked = row["format"]
    given = asked not in ("unknown", "none") and (" " in asked or row["state"] == "empty")
    whole = read_whole(CASES / row["path"], asked if given else None)
    report = whole.report

    if asked.split()[0] not in ("unknown", "none"):
        assert report.format == asked.split()[0]
    assert report.state == row["state"]
    counts = {
        "queries": len(whole.queries),
        "queries_with_hits": sum(q.status in (QueryStatus.HITS, QueryStatus.PARTIAL) for q in whole.queries),
        "pairs": whole.pairs,
        "hsps": whole.hits.height,
    }
    assert {name: str(n) for name, n in counts.items() if row[name] != "?"} == {
        name: row[name] for name in counts if row[name] != "?"
    }
    complete = report.state is FileState.READ or (report.state is FileState.EMPTY and report.reason is None)
    assert complete == (row["complete"] == "true")
    assert complete or report.reason
