"""Files in which several documents stand, one behind the other: each is read as what it is (P8, P11)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields
from typing import Literal

from blast_artifacts.reading.damage import LINES_KEPT, broken, warn
from blast_artifacts.reading.detect import HEAD, Detected, detect
from blast_artifacts.reading.hits import HIT_COLUMNS, Batch, Report
from blast_artifacts.reading.outfmt import OutfmtSpec
from blast_artifacts.reading.rounds import choose_rounds
from blast_artifacts.reading.stream import Stream
from blast_artifacts.terms import EndProof, FileState

MOST_DOCUMENTS = 1000
"""Borders of formats in one file; reports of one format that were joined are read in one go."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is known of a file besides its bytes.

    `outfmt` is the format that the search was asked for; `iteration` the PSI-BLAST round to read;
    `inside_job` says that exit codes prove the end of formats that cannot; `program` the BLAST program;
    `deadline` is when to stop, on the monotonic clock.
    """

    outfmt: OutfmtSpec | None = None
    iteration: int | Literal["last", "all"] = "last"
    inside_job: bool = False
    program: str | None = None
    deadline: float | None = None


def read_documents(stream: Stream, options: ReadOptions, report: Report) -> Iterator[Batch]:
    """Batches of all documents from here on; queries are numbered through."""
    ordinal = 0
    for count in range(MOST_DOCUMENTS):
        head, _ = stream.head()
        if count and not head.strip():
            return
        found = detect(head[:HEAD], options.outfmt)
        if found.reason:
            broken(report, found.reason, report.bytes)
            break
        if not count and not report.bytes:
            report.format = found.format
            ordinal = yield from _document(found, stream, options, report, ordinal)
            continue
        part = Report(report.name, report.size, report.batch, found.format)
        before, lines = report.bytes, stream.lines
        named, report.format = report.format, found.format
        try:
            ordinal = yield from _document(found, stream, options, part, ordinal)
        finally:
            report.format = named or found.format
            _add(report, part, lines, first=not count)
        if named and named != found.format:
            warn(report, "formats_joined")
        if report.bytes == before:
            break
    _pass_over(stream, report)


def _document(
    found: Detected, stream: Stream, options: ReadOptions, report: Report, ordinal: int
) -> Generator[Batch, None, int]:
    """Batches of one document, whose queries begin at this ordinal; returns the next one."""
    last = ordinal

    def counted() -> Iterator[Batch]:
        nonlocal last
        for batch in _batches(found, stream, options, report, ordinal):
            last = max((last, *(query.index + 1 for query in batch.queries)))
            yield batch

    yield from choose_rounds(counted(), options.iteration)
    return last


def _batches(
    found: Detected, stream: Stream, options: ReadOptions, report: Report, ordinal: int
) -> Iterator[Batch]:
    # Only what is needed is loaded: the patterns of all readers take longer than a small file.
    if found.format in ("5", "14", "16"):
        from blast_artifacts.reading.xml_report import read_xml

        return read_xml(stream, report, ordinal)
    if found.format in ("13", "15"):
        from blast_artifacts.reading.json_report import read_json

        return read_json(stream, report, ordinal)
    if found.format == "11":
        from blast_artifacts.reading.asn1_report import read_asn1

        return read_asn1(stream, report, ordinal)
    from blast_artifacts.reading.tabular import read_tabular

    return read_tabular(stream, found.spec, report, ordinal, options.program == "psiblast")


def _add(report: Report, part: Report, lines: int, first: bool) -> None:
    """Count a document in that begins `report.bytes` bytes and `lines` lines into the file."""
    if part.state is not FileState.READ:
        place = part.bytes if part.break_offset is None else part.break_offset
        broken(report, part.reason or "trailing_data", report.bytes + place)
    proofs = [part.end_proof] if first else [report.end_proof, part.end_proof]
    report.end_proof = min(proofs, key=[EndProof.MISSING, EndProof.NONE, EndProof.PROVED].index)
    report.bytes += part.bytes
    report.rows += part.rows
    report.rejected += part.rejected
    report.rejected_lines += [line + lines for line in part.rejected_lines]
    del report.rejected_lines[LINES_KEPT:]
    columns = {*report.columns, *part.columns}
    report.columns = tuple(name for name in HIT_COLUMNS if name in columns)
    for field in fields(part.search):
        if not getattr(report.search, field.name):
            setattr(report.search, field.name, getattr(part.search, field.name))
    for notice in part.notices:
        warn(report, notice.code)


def _pass_over(stream: Stream, report: Report) -> None:
    """What nobody reads: it is counted, and the file is not whole."""
    for block in stream:
        if block.strip():
            broken(report, "trailing_data", report.bytes)
        report.bytes += len(block)
