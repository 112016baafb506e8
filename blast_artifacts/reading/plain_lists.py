"""Lists of hits that stand in a buffer exactly as BLAST writes them: all of them are read column by column.

A list is taken if the pattern passed nothing over, and if every HSP is what the other readers would keep
without a word. Any other list is left to them: hit by hit, then token by token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from blast_artifacts.reading.hsp_table import hsp_schema
from blast_artifacts.reading.list_layout import Layout, layout_of
from blast_artifacts.reading.list_table import fitting, subjects
from blast_artifacts.reading.plain_hits import PlainForm

_SHOWN = 16
_LESSONS = 16
"""Layouts that are learned of one file: more would be a file that is made to be slow."""

_BLANK = b" \t\r\n"


@dataclass(slots=True)
class PlainList:
    """The hits of one query: rows of a table from `first` to `stop`, and the place behind them.

    `shown` are the cells of the first HSPs, `best` those of the first HSP of the last hit; `size` counts the
    bytes of all cells, `lacking` the absent ones of an HSP.
    """

    table: pl.DataFrame
    first: int
    stop: int
    hits: int
    shown: list[tuple[bytes, ...]]
    best: tuple[bytes, ...]
    lacking: int
    size: int
    end: int


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    rows: list[tuple[bytes, ...]]
    text: bytes
    hits: int


class PlainLists:
    """Finds such lists in one buffer after the other; `text` makes a text of what has entities in it."""

    def __init__(
        self, form: PlainForm, fields: Sequence[str], text: Callable[[bytes], str | None], merged: bool
    ) -> None:
        self._form = form
        self._text = text
        self._merged = merged
        kinds = {name: pl.Int64() if name == "taxid" else pl.String() for name in form.texts}
        number = pl.Int64()
        self._schema = pl.Schema({"hit": number, **kinds, "len": number, "num": number, **hsp_schema(fields)})
        self._cells = len(self._schema) - len(fields)
        self._layout: Layout | None = None
        self._failed = True
        self._lessons = _LESSONS
        self._lists: dict[int, PlainList] = {}

    def learn(self, buffer: bytes, start: int) -> None:
        """See how the hit there is laid out, where what is known did not do, and find more lists by it."""
        if not self._failed or not self._lessons or not (layout := layout_of(self._form, buffer, start)):
            return
        known, self._failed = self._layout, not layout.several
        if known is None or layout.before != known.before or (layout.several and not known.several):
            self._layout = layout
            self._lessons -= 1
            self.look(buffer, start)

    def at(self, start: int) -> PlainList | None:
        """The list that begins there."""
        return self._lists.get(start)

    def look(self, buffer: bytes, start: int = 0) -> None:
        """Find the lists that stand whole in this buffer from there on."""
        self._lists = {}
        layout, form = self._layout, self._form
        if layout is None:
            return
        found = []
        place = buffer.find(form.opens, start)
        while place >= 0 and (close := buffer.find(form.closes, place)) >= 0:
            start = place + len(form.opens)
            end = buffer.rfind(form.last, start, close + len(form.last))
            if one := self._rows(layout, buffer, start, end):
                found.append(one)
            place = buffer.find(form.opens, close)
        if found:
            self._check(layout, found)

    def _rows(self, layout: Layout, buffer: bytes, start: int, end: int) -> _Found | None:
        while start < end and buffer[start] in _BLANK:
            start += 1
        while end > start and buffer[end - 1] in _BLANK:
            end -= 1
        if start >= end:
            return None
        rows, text, hits = [], b"", 0
        if buffer.endswith(layout.behind, start, end):
            region = layout.before + buffer[start : end - len(layout.behind)]
            rows = layout.row.findall(region)
            hits = sum(1 for row in rows if row[0])
            text = b"\n".join([b"\t".join(row) for row in rows])
            cells = len(text) - len(rows) * len(self._schema) + 1
            besides = hits * layout.head + (len(rows) - hits) * layout.more + len(rows) * layout.hsp
            if rows and cells + besides == len(region):
                return _Found(start, end, rows, text, hits)
        self._failed = True
        return None

    def _check(self, layout: Layout, found: list[_Found]) -> None:
        try:
            table = pl.read_csv(
                b"\n".join([each.text for each in found]) + b"\n",
                has_header=False, separator="\t", quote_char=None, schema=self._schema, glob=False,
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            return
        counts = [len(each.rows) for each in found]
        if table.height != sum(counts):
            return
        fits = fitting(table, counts)
        made = subjects(table, self._text, self._merged)
        first = 0
        for each, is_plain in zip(found, fits, strict=True):
            stop = first + len(each.rows)
            if is_plain:
                best = next(row for row in reversed(each.rows) if row[0])
                shown = [row[self._cells :] for row in each.rows[:_SHOWN]]
                self._lists[each.start] = PlainList(
                    made, first, stop, each.hits, shown, best[self._cells :], layout.lacking,
                    len(each.text), each.end,
                )  # fmt: skip
            first = stop
