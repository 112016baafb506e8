"""Reads one result file, whatever BLAST wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from blast_artifacts.reading.damage import broken, warn
from blast_artifacts.reading.detect import HEAD, Detected, detect
from blast_artifacts.reading.hits import Batch, Report, Source
from blast_artifacts.reading.inflate import Inflation, inflate
from blast_artifacts.reading.json_report import read_json
from blast_artifacts.reading.lines import BOM
from blast_artifacts.reading.outfmt import OutfmtSpec
from blast_artifacts.reading.rounds import choose_rounds
from blast_artifacts.reading.tabular import read_tabular
from blast_artifacts.reading.xml_report import read_xml
from blast_artifacts.terms import EndProof, FileState


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is known of a file besides its bytes.

    `outfmt` is the format that the search was asked for; `iteration` the PSI-BLAST round to read;
    `inside_job` says that exit codes prove the end of formats that cannot; `program` the BLAST program.
    """

    outfmt: OutfmtSpec | None = None
    iteration: int | Literal["last", "all"] = "last"
    inside_job: bool = False
    program: str | None = None


def read(source: Source, options: ReadOptions, report: Report) -> Iterator[Batch]:
    """Batches of hits of one file, in file order; `report` is final when the iterator is exhausted.

    Damage never raises: it stands in the report. Errors of the storage below pass through.
    """
    state = Inflation()
    blocks = inflate(source.blocks, state)
    head, ended = _head(blocks)
    if not head.removeprefix(BOM).strip():
        _empty(head, ended, blocks, options, report, state)
        return
    found = detect(head[:HEAD], options.outfmt)
    report.format = found.format
    if found.reason:
        _unread(found, head, blocks, report)
    else:
        batches = _batches(found, chain([head], blocks), options, report)
        yield from choose_rounds(batches, options.iteration)
    _container(report, state)


def _head(blocks: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first bytes, enough to tell the format by, and whether they are all."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= HEAD and head.strip():
            return head, False
        if len(head) > 64 * HEAD:
            return head, False
    return head, True


def _batches(
    found: Detected, blocks: Iterable[bytes], options: ReadOptions, report: Report
) -> Iterator[Batch]:
    if found.format in ("5", "14", "16"):
        return read_xml(blocks, report)
    if found.format in ("13", "15"):
        return read_json(blocks, report)
    return read_tabular(blocks, found.spec, report, options.program == "psiblast")


def _empty(
    head: bytes, ended: bool, blocks: Iterator[bytes], options: ReadOptions, report: Report, state: Inflation
) -> None:
    """Nothing but white space: no hits only where the format is known to print nothing then (P17)."""
    report.bytes = len(head)
    if not ended:
        report.state, report.reason = FileState.UNSUPPORTED, "not_blast"
        return
    report.state = FileState.EMPTY
    asked = options.outfmt
    report.format = str(asked.number) if asked else None
    if state.fault:
        report.state, report.reason = FileState.UNREADABLE, state.fault
    elif asked is None:
        report.reason = "empty_format_unknown"
    elif asked.number not in (6, 10):
        report.reason = "empty_report"


def _unread(found: Detected, head: bytes, blocks: Iterator[bytes], report: Report) -> None:
    """A file that is only named; the rows of tables are counted."""
    report.state, report.reason = FileState.UNSUPPORTED, found.reason
    report.bytes = len(head)
    if found.reason in ("columns_unknown", "columns_differ"):
        lines = 0
        for block in chain([head], blocks):
            lines += block.count(b"\n")
            report.bytes += len(block)
        report.bytes -= len(head)
        report.rows = lines


def _container(report: Report, state: Inflation) -> None:
    """Faults of the gzip around the report."""
    if state.trailing_garbage:
        warn(report, "trailing_garbage")
    if state.fault and report.state in (FileState.READ, FileState.TRUNCATED):
        if report.end_proof is EndProof.NONE:
            report.end_proof = EndProof.MISSING
        if report.break_offset is None:
            report.break_offset = report.bytes
        broken(report, state.fault, report.bytes)
        report.reason = state.fault
