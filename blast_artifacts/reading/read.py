"""Reads one result file, whatever BLAST wrote it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from blast_artifacts.reading.damage import broken, judge_stray, warn
from blast_artifacts.reading.detect import HEAD, Detected, detect, files_listed, find_marked_up
from blast_artifacts.reading.documents import ReadOptions, read_documents
from blast_artifacts.reading.hits import Batch, Notice, Report, Source
from blast_artifacts.reading.inflate import Inflation, inflate
from blast_artifacts.reading.lines import BOM
from blast_artifacts.reading.stream import Stream
from blast_artifacts.terms import EndProof, FileState

__all__ = ["ReadOptions", "read"]

_NAMES_TOLD = 10

TIME_BUDGET = "time_budget"
"""The reason of a file that was read only so far, for its deadline came."""


def read(source: Source, options: ReadOptions, report: Report) -> Iterator[Batch]:
    """Batches of hits of one file, in file order; `report` is final when the iterator is exhausted.

    Damage never raises: it stands in the report. Errors of the storage below pass through.
    """
    inflated = _Inflated(source, options.deadline)
    yield from _read(inflated.blocks(), inflated.state, options, report)
    if inflated.was_stopped and report.state is not FileState.UNSUPPORTED:
        report.state, report.reason = FileState.TRUNCATED, TIME_BUDGET


@dataclass(slots=True)
class _Inflated:
    """The bytes of a file up to the deadline: a reader may go through very many before it gives a batch."""

    source: Source
    deadline: float | None
    state: Inflation = field(default_factory=Inflation)
    was_stopped: bool = False

    def blocks(self) -> Iterator[bytes]:
        for block in inflate(self.source.blocks, self.state):
            if self.deadline is not None and time.monotonic() > self.deadline:
                self.was_stopped = True
                return
            yield block


def _read(blocks: Iterator[bytes], state: Inflation, options: ReadOptions, report: Report) -> Iterator[Batch]:
    stream = Stream(blocks)
    head, ended = stream.head()
    if not head.removeprefix(BOM).strip():
        _empty(head, ended, options, report, state)
        return
    found = detect(head[:HEAD], options.outfmt)
    before = find_marked_up(head[:HEAD]) if found.reason in ("not_blast", "columns_unknown") else -1
    if before > 0:
        _pass_litter(stream, before, report)
        found = detect(head[before:][:HEAD], options.outfmt)
    report.format = found.format
    if found.reason:
        _unread(found, stream, report)
    else:
        yield from read_documents(stream, options, report)
    _container(report, state)


def _pass_litter(stream: Stream, length: int, report: Report) -> None:
    """Lines before a report: what the program said besides, or damage."""
    head = next(iter(stream))
    judge_stray(report, head[:length], 0)
    stream.put_back(head[length:], head.count(b"\n", 0, length))
    report.bytes = length


def _empty(head: bytes, ended: bool, options: ReadOptions, report: Report, state: Inflation) -> None:
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


def _unread(found: Detected, stream: Stream, report: Report) -> None:
    """A file that is only named; the rows of tables are counted."""
    report.state, report.reason = FileState.UNSUPPORTED, found.reason
    if names := files_listed(stream.head()[0]) if found.reason == "manifest_without_data" else []:
        more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
        said = f"The hits are in the files {', '.join(names[:_NAMES_TOLD])}{more}, as this one says."
        report.notices.append(Notice("files_listed", said))
    counting = found.reason in ("columns_unknown", "columns_differ")
    if not counting:
        report.bytes += len(stream.head()[0])
        return
    for block in stream:
        report.rows += block.count(b"\n")
        report.bytes += len(block)


def _container(report: Report, state: Inflation) -> None:
    """Faults of the gzip around the report."""
    if state.trailing_garbage:
        warn(report, "trailing_garbage")
    if state.doubt and report.end_proof is not EndProof.PROVED:
        state.fault = state.fault or state.doubt
    if state.fault and report.state in (FileState.READ, FileState.TRUNCATED):
        if report.end_proof is EndProof.NONE:
            report.end_proof = EndProof.MISSING
        if report.break_offset is None:
            report.break_offset = report.bytes
        broken(report, state.fault, report.bytes)
        report.reason = state.fault
