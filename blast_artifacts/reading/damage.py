"""How a reader writes down what it could not read."""

from __future__ import annotations

import re

from blast_artifacts.reading.hits import Notice, Report
from blast_artifacts.terms import FileState

LINES_KEPT = 20

_FEW_WORDS = 200
BLAST_SAYS = re.compile(rb"Warning: \[[a-z]+\] ")
"""A line that BLAST prints beside its report, found in it where both went into one file."""

CONVERGED = b"Search has CONVERGED!"
"""The line with which PSI-BLAST ends its rows."""


NOTICES = {
    "ambiguous_text": "Free text held the delimiter beside other free text: these columns were left out.",
    "encoding_latin1": "Bytes that are not UTF-8 were read as Latin-1.",
    "formats_joined": "Reports of several formats stand in the file, one behind the other; all were read.",
    "stray_text": "Text between the elements of the report was ignored.",
    "trailing_garbage": "Bytes behind the end of the compressed data were ignored.",
    "duplicate_query_ids": "Several queries bear the same id; they are kept apart by their order.",
    "unknown_comments": "Comment lines that BLAST does not write were ignored.",
    "unknown_columns": "The file has columns that are not known here; they are kept as extra columns.",
    "scores_rounded": "BLAST prints bit scores without decimals in this format; sums are rounded.",
    "end_not_provable": "Nothing in this format shows that the file is whole.",
    "subjects_not_grouped": "The rows of a subject are apart: the file was sorted after the search.",
    "hits_found_differ": "A query has more rows than its own comment says.",
    "numbers_too_large": "Numbers beyond 1.8e308, the largest of a double, were left out: they are unknown.",
    "control_characters": "Control characters in the text were left out.",
    "archive_lacks_subjects": "An archive (-outfmt 11) has no titles, lengths, taxids or sequences of its"
    " subjects: blast_formatter adds them where the database is, or rerun with -outfmt 15.",
    "positives_adjusted": "The archive counts positives by a matrix adjusted to the composition of each pair,"
    " other formats by the one that was asked for: positives are unknown.",
    "subjects_by_number": "The database has no parsed ids: subjects are called by their number in it.",
    "queries_not_searched": "Some queries could not be searched; their messages say why.",
}
"""Codes of notices and the sentence of each."""


def warn(report: Report, code: str) -> None:
    """Add a notice once."""
    if all(notice.code != code for notice in report.notices):
        report.notices.append(Notice(code, NOTICES[code]))


def broken(report: Report, reason: str, offset: int) -> None:
    """The file has a break: what is whole before and behind it is kept."""
    if report.state is not FileState.UNSUPPORTED:
        report.state = FileState.TRUNCATED
    if report.break_offset is None:
        report.break_offset, report.reason = offset, reason


def judge_stray(report: Report, text: bytes, offset: int) -> None:
    """Text where no report has any: a few words are ignored and said, more may be results that are lost."""
    lines = [line for line in text.splitlines() if not BLAST_SAYS.match(line)]
    if any(b"\t" in line for line in lines) or sum(map(len, lines)) > _FEW_WORDS:
        broken(report, "trailing_data", offset)
    else:
        warn(report, "stray_text")


def reject(report: Report, reason: str, offset: int, line: int) -> None:
    """A row that is there but cannot be believed; `line` is 1-based."""
    report.rejected += 1
    if len(report.rejected_lines) < LINES_KEPT:
        report.rejected_lines.append(line)
    broken(report, reason, offset)
