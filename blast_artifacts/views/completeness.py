"""Whether all that the pipeline produced was read to its end (proof of the end, format by format)."""

from __future__ import annotations

from blast_artifacts.reading.hits import Report
from blast_artifacts.terms import EndProof, FileState, JobStatus
from blast_artifacts.views.result import Result

SUPERSEDED, NOT_BLAST, EMPTY_UNKNOWN = "superseded", "not_blast", "empty_format_unknown"
_FASTA = (".fa", ".fasta", ".fna", ".faa", ".fsa")


def is_complete(result: Result) -> bool:
    """True where every file was read whole, none is missing and nothing failed."""
    return (
        bool(result.reports)
        and all(is_whole(result, report) for report in result.reports)
        and not failed_batches(result)
        and not result.folder.missing_batches()
        and not result.queries_unread
        and result.folder.failure is None
        and result.job.status in (None, JobStatus.COMPLETED)
    )


def is_whole(result: Result, report: Report) -> bool:
    """True where a file was read to an end that is its end.

    Inside a job a format that cannot show its end needs exit code 0 of its batch, or every query of the FASTA
    accounted for; a file read alone is believed.
    """
    if is_skipped(result, report):
        return True
    finished = result.folder.exit_codes.get(report.batch) == 0
    if report.state is FileState.EMPTY:
        return report.reason is None or (report.reason == EMPTY_UNKNOWN and finished)
    if report.state is not FileState.READ or report.rejected or report.end_proof is EndProof.MISSING:
        return False
    if report.end_proof is EndProof.PROVED or not result.inside_job:
        return True
    return finished or result.queries_missing == 0


def is_skipped(result: Result, report: Report) -> bool:
    """True for files that are no part of the result: merged copies, and sequences that lie beside it."""
    beside = report.name.removesuffix(".gz").endswith(_FASTA) and bool(result.tables_read)
    return report.reason == SUPERSEDED or (report.reason == NOT_BLAST and beside)


def failed_batches(result: Result) -> dict[int, int]:
    """BLAST's exit codes other than 0, by batch."""
    return {batch: code for batch, code in sorted(result.folder.exit_codes.items()) if code != 0}
