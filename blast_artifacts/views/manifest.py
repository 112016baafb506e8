"""What was found and how it was searched: files, markers, counts, searches."""

from __future__ import annotations

import base64
from typing import Any

from blast_artifacts.reading.hits import Report, Search
from blast_artifacts.views.canonical import canonical_json
from blast_artifacts.views.completeness import failed_batches
from blast_artifacts.views.cursor import write_cursor
from blast_artifacts.views.file_pages import KEY
from blast_artifacts.views.parameters import MOST_ROWS
from blast_artifacts.views.result import Result
from blast_artifacts.views.warnings import target_limit
from shared.settings import settings
from shared.words import counted


def file_id(name: str) -> str:
    """How a file is asked for: its name below the results prefix, fit for a URL."""
    return base64.urlsafe_b64encode(name.encode()).rstrip(b"=").decode()


def file_name(identifier: str) -> str:
    """The name that a file id stands for; ValueError where it stands for none."""
    padded = identifier.encode("ascii") + b"=" * (-len(identifier) % 4)
    return base64.urlsafe_b64decode(padded).decode()


def manifest(result: Result) -> dict[str, Any]:
    """The first page of files, and everything about the search that files or folder tell."""
    files = result.reports
    rows = settings().manifest_page
    cursor = write_cursor(result.fingerprint, KEY, [rows - 1]) if len(files) > rows else None
    return {
        "searches": _searches(result),
        "markers": {"success": result.folder.success, "failure": result.folder.failure},
        "batches": _batches(result),
        "side_files": result.folder.side_files[:MOST_ROWS],
        "total": len(files),
        "filtered": len(files),
        "page_size": rows,
        "next_cursor": cursor,
        "files": [_file(report) for report in files[:rows]],
    }


def file_lines(result: Result) -> bytes | None:
    """A line of JSON for every file, null where the first page shows them all."""
    if len(result.reports) <= settings().manifest_page:
        return None
    return b"".join(canonical_json(_file(report)) + b"\n" for report in result.reports)


def _batches(result: Result) -> dict[str, Any]:
    return {
        "found": len({batch for _, batch in result.folder.results}),
        "submitted": result.folder.submitted,
        "missing": result.folder.missing_batches(),
        "missing_numbers": result.folder.missing_numbers(),
        "failed": [{"batch": batch, "exit_code": code} for batch, code in failed_batches(result).items()],
    }


def _file(report: Report) -> dict[str, Any]:
    return {
        "file_id": file_id(report.name),
        "name": report.name,
        "batch": report.batch,
        "format": report.format,
        "state": report.state.value,
        "reason": report.reason,
        "size": report.size,
        "bytes": report.bytes,
        "rows": report.rows,
        "rejected": report.rejected,
        "rejected_lines": report.rejected_lines,
        "break_offset": report.break_offset,
        "end_proof": report.end_proof.value,
        "columns": list(report.columns),
        "notices": [{"code": notice.code, "text": notice.text} for notice in report.notices],
    }


def _searches(result: Result) -> list[dict[str, Any]]:
    """One entry for each program, version and database that the files name."""
    groups: dict[tuple[str | None, str | None, str | None], list[Search]] = {}
    for report in result.reports:
        said = report.search
        program = (said.program or result.program or "").lower() or None
        key = (program, said.version, said.database or result.job.database or result.folder.database)
        groups.setdefault(key, []).append(said)
    # A file that could not be read says nothing of the search.
    named = {key: group for key, group in groups.items() if any(search.version for search in group)}
    return [_search(result, *key, group) for key, group in (named or groups).items()]


def _search(
    result: Result, program: str | None, version: str | None, database: str | None, files: list[Search]
) -> dict[str, Any]:
    limit, given = target_limit(result)
    parameters: dict[str, Any] = {}
    for search in files:
        parameters = {**search.parameters, **parameters}
    found = {
        "program": program,
        "version": version,
        "database": database,
        "database_sequences": _single([search.database_sequences for search in files]),
        "database_letters": _single([search.database_letters for search in files]),
        "files": len(files),
        "parameters": parameters,
        "options": dict(result.options),
        "max_target_seqs": limit,
        "max_target_seqs_given": given,
    }
    return {**found, "methods": _methods(found)}


def _single(values: list[int | None]) -> int | None:
    """A size where all files agree: shards of one database do not."""
    known = {value for value in values if value is not None and value > 0}
    return known.pop() if len(known) == 1 else None


def _methods(search: dict[str, Any]) -> str:
    """A sentence for the methods section of a paper."""
    name, version = (search["program"] or "BLAST").upper(), search["version"] or ""
    program = version if version.upper().startswith(name) else f"{name} {version}".strip()
    unnamed = "the given subjects" if search["program"] else "subjects that the files do not name"
    target = f"the database {search['database']}" if search["database"] else unnamed
    sizes = [
        counted(search[field], word)
        for field, word in (("database_sequences", "sequence"), ("database_letters", "letter"))
        if search[field]
    ]
    size = f" ({', '.join(sizes)})" if sizes else ""
    settings = [f"{name} {_in_words(value)}" for name, value in _said(search).items()]
    limit = f"at most {counted(search['max_target_seqs'], 'target sequence')} a query"
    default = "" if search["max_target_seqs_given"] else " (the default)"
    limits = ", ".join([*settings, limit]) + default
    return f"Queries were searched with {program} against {target}{size}; {limits}."


def _in_words(value: Any) -> str:
    """A value as one writes it: `10` for 10.0, and BLAST's `L;m;` of filters without its last semicolon."""
    return f"{value:.10g}" if isinstance(value, float) else str(value).rstrip(";")


def _said(search: dict[str, Any]) -> dict[str, Any]:
    """Parameters that the files record, and over them the options that were given."""
    silent = {"outfmt", "max_target_seqs"}
    said = {**search["parameters"], **search["options"]}
    return {name: value for name, value in said.items() if name not in silent and value not in (None, "", [])}
