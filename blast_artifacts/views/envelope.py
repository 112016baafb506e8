"""What every artifact says first: whose it is, what was read, whether that was all, and warnings."""

from __future__ import annotations

from collections import Counter
from typing import Any

from blast_artifacts.reading.hits import Notice, Report
from blast_artifacts.terms import SCHEMA_VERSION
from blast_artifacts.views.completeness import is_complete, is_whole
from blast_artifacts.views.result import Result
from blast_artifacts.views.warnings import warnings

NOT_WHOLE_SHOWN = 20


def envelope(result: Result) -> dict[str, Any]:
    """The fields that all artifacts of a build share."""
    return {
        "schema_version": SCHEMA_VERSION,
        "job_id": result.job.job_id,
        "run": result.job.run,
        "complete": is_complete(result),
        "sources": _sources(result),
        "warnings": [_warning(notice) for notice in warnings(result)],
    }


def _warning(notice: Notice) -> dict[str, str]:
    return {"code": notice.code, "text": notice.text}


def _sources(result: Result) -> dict[str, Any]:
    reports = result.reports
    not_whole = [report for report in reports if not is_whole(result, report)]
    states = Counter(report.state.value for report in reports)
    return {
        "files": len(reports),
        "bytes": sum(report.bytes for report in reports),
        "rows": sum(report.rows for report in reports),
        "rejected": sum(report.rejected for report in reports),
        "by_state": {state: states[state] for state in sorted(states)},
        "not_whole": [_not_whole(report) for report in not_whole[:NOT_WHOLE_SHOWN]],
        "not_whole_total": len(not_whole),
    }


def _not_whole(report: Report) -> dict[str, Any]:
    return {"name": report.name, "state": report.state.value, "reason": report.reason}
