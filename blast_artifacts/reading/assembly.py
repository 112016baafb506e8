"""Queries, hits and HSPs of a structured report (outfmt 5, 13, 14, 15, 16) -> batches of the hit table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import polars as pl

from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hit_table import conform
from blast_artifacts.reading.hits import HIT_COLUMNS, Batch, Query, Report, hit_schema
from blast_artifacts.reading.identity import NO_TITLE, query_name, subject_of
from blast_artifacts.terms import QueryStatus

BATCH_BYTES = 12 << 20
"""Report bytes of the HSPs in one batch, sequences and all."""

_NOT_SEARCHED = re.compile(
    r"Sequence contains no data|invalid query sequence or its translation|Query is Empty|no valid query",
    re.IGNORECASE,
)
_NUMBERS = pl.Schema(
    {
        "bit_score": pl.Float64, "score": pl.Float64, "evalue": pl.Float64, "query_from": pl.Int64,
        "query_to": pl.Int64, "hit_from": pl.Int64, "hit_to": pl.Int64, "query_frame": pl.Int64,
        "hit_frame": pl.Int64, "identity": pl.Int64, "positive": pl.Int64, "gaps": pl.Int64,
        "align_len": pl.Int64,
    }
)  # fmt: skip
_NEEDED = ("bit_score", "evalue", "query_from", "query_to", "hit_from", "hit_to", "qseq", "hseq")
_INTEGER = re.compile(rb"[+-]?\d{1,18}")
_REAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class Verdict(Enum):
    """What became of an HSP."""

    KEPT = "kept"
    AFTER_LOSS = "after_loss"
    REJECTED = "rejected"


@dataclass(slots=True)
class Defline:
    """One member of a merged record."""

    id: str
    title: str | None = None
    taxid: int | None = None
    name: str | None = None
    accession: str | None = None


@dataclass(slots=True)
class _Hits:
    """The hits of a batch, column by column, and how many HSPs of each are in it."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


_HIT_FIELDS = pl.Schema(
    {
        name: hit_schema()[name]
        for name in (
            "qindex", "iteration", "qseqid", "qlen", "sseqid", "stitle", "slen", "staxids", "sscinames",
            "deflines",
        )
    }
)  # fmt: skip


class Assembly:
    """Takes the parts of a report as they come and gives batches; knows what may follow a break.

    `fields` is the order of the cells in an HSP row. After a break the number of a hit or HSP must go on from
    the last one: otherwise it may belong to another hit or query, and is rejected.
    """

    def __init__(self, report: Report, fields: Sequence[str]) -> None:
        self._report = report
        self._fields = tuple(fields)
        self._schema = pl.Schema({name: _NUMBERS.get(name, pl.String()) for name in fields})
        self._at = {name: place for place, name in enumerate(fields)}
        self._rows: list[bytes] = []
        self._size = 0
        self._hits = _Hits()
        self._ended: list[Query] = []
        self._queries = 0
        self._query: Query | None = None
        self._previous: tuple[str | None, str | None] | None = None
        self._hsps = 0
        self._hit: tuple[object, ...] | None = None
        self._hit_number = 0
        self._hsp_number = 0
        self._first_evalue = b"0"
        self._query_number: int | None = None
        self._query_broken = False
        self._hit_broken = False
        self._names: set[int] = set()
        self._present: set[str] = set()

    @property
    def _by_blast_plus(self) -> bool:
        """Whether the writer leaves no field out."""
        return "+" in (self._report.search.version or "")

    # -- queries -------------------------------------------------------------------------------------------

    @property
    def in_query(self) -> bool:
        """Whether a query is open."""
        return self._query is not None

    @property
    def has_hsps(self) -> bool:
        """Whether the open query has an HSP yet."""
        return self._hsps > 0

    def begin_query(
        self, printed: str | None, title: str | None, length: int | None, iteration: int | None
    ) -> bool:
        """The next query, or with `iteration` > 1 the next round; False if queries before it are missing."""
        identity = (printed, title)
        if iteration and iteration > 1 and identity == self._previous:
            index = self._queries - 1
        else:
            index, self._queries = self._queries, self._queries + 1
            self._previous = identity
        name = query_name(printed, title, index)
        if (iteration or 1) == 1:
            if hash(name) in self._names:
                warn(self._report, "duplicate_query_ids")
            self._names.add(hash(name))
        shown = None if title in (None, "", NO_TITLE) else title
        self._query = Query(index, name, shown, length, iteration=iteration)
        self._hsps, self._hit_number, self._query_broken = 0, 0, False
        self._hit, self._hit_broken = None, False
        ordinal = re.fullmatch(r"Query_(\d{1,9})", printed or "")
        before, self._query_number = self._query_number, int(ordinal[1]) if ordinal else None
        return before is None or self._query_number is None or self._query_number <= before + 1

    def begin_document(self) -> None:
        """A new report: rounds do not go on across it."""
        self._previous = None

    def end_query(self, whole: bool, message: str | None = None) -> bool:
        """Leave the open query; `whole` if all of its hits were there to read. False if hits are missing.

        BLAST+ has a message on every query without hits.
        """
        query, self._query = self._query, None
        self._hit = None
        if query is None:
            return True
        query.message = message
        silent = not self._hsps and not message and self._by_blast_plus
        if silent or self._query_broken or not whole:
            query.status = QueryStatus.PARTIAL if self._hsps else QueryStatus.UNREAD
        elif not self._hsps:
            searched = not (message and _NOT_SEARCHED.search(message))
            query.status = QueryStatus.NO_HITS if searched else QueryStatus.NOT_SEARCHED
            if not searched:
                warn(self._report, "queries_not_searched")
        self._ended.append(query)
        return not silent

    def break_query(self) -> None:
        """Something of the open query was lost."""
        self._query_broken = True

    def same_round(self, printed: str | None, title: str | None) -> bool:
        """Whether these are the words of the query before."""
        return self._previous == (printed, title)

    # -- hits ----------------------------------------------------------------------------------------------

    def begin_hit(
        self, number: int | None, length: int | None, deflines: Sequence[Defline], merged: bool
    ) -> bool:
        """The next subject of the open query; False if hits before it are missing.

        `merged`: `deflines` are all members of the record, not only the first.
        """
        expected = self._hit_number + 1
        self._hsp_number, self._hit_broken = 0, False
        self._hit_number = number or expected
        query = self._query
        strange = self._query_broken and number is not None and not expected <= number <= expected + 1
        if query is None or strange or not deflines or (merged and not deflines[0].id):
            self._hit = None
        else:
            self._hit = self._described(query, length, deflines, merged)
            self._hits.rows.append(self._hit)
            self._hits.counts.append(0)
        return number is None or number <= expected

    @staticmethod
    def _described(
        query: Query, length: int | None, deflines: Sequence[Defline], merged: bool
    ) -> tuple[object, ...]:
        first = subject_of(deflines[0].id, deflines[0].title, deflines[0].accession)
        taxids = sorted({line.taxid for line in deflines if line.taxid})
        names = {line.taxid: line.name for line in deflines if line.taxid and line.name}
        named = taxids and len(names) == len(taxids)
        return (
            query.index,
            query.iteration,
            query.id,
            query.length,
            first.id,
            first.title,
            length,
            ";".join(map(str, taxids)) or None,
            ";".join(names[taxid] or "" for taxid in taxids) if named else None,
            [_member(line) for line in deflines] if merged else None,
        )

    def break_hit(self, nearly_whole: bool = False) -> None:
        """Something of the open hit was lost.

        If that was before its first HSP, what follows may be another hit's; but not if only a field of an HSP
        is missing (`nearly_whole`).
        """
        self._hit_broken = self._query_broken = True
        if self._hit and not nearly_whole and not self._hsp_number:
            self._hit = None

    def break_hsp(self, values: Mapping[str, bytes]) -> None:
        """An HSP of which only these fields were there."""
        self.break_hit(nearly_whole=len(values) >= len(_NUMBERS) - 1)
        number = values.get("num", b"").strip()
        if self._hit and _INTEGER.fullmatch(number):
            self._hsp_number = max(self._hsp_number, int(number))

    def end_hit(self) -> None:
        """Leave the open hit."""
        self._hit = None

    # -- HSPs ----------------------------------------------------------------------------------------------

    def add(self, number: int, cells: Sequence[bytes]) -> Verdict:
        """One HSP whose cells are numbers where they must be."""
        expected = self._hsp_number + 1
        if self._hit is None or number < expected or not self._may_follow(cells):
            self._hit = None
            return Verdict.REJECTED
        self._hsp_number = number
        midline_fits = self._agrees(cells)
        if midline_fits is None:
            self.break_hit(nearly_whole=True)
            return Verdict.REJECTED
        if not midline_fits:
            cells = [*cells]
            cells[self._at["midline"]] = b""
        if not self._hsps or not self._hits.counts[-1]:
            self._first_evalue = cells[self._at["evalue"]]
        self._hits.counts[-1] += 1
        self._hsps += 1
        row = b"\t".join(cells)
        self._rows.append(row)
        self._size += len(row)
        return Verdict.KEPT if number == expected and midline_fits else Verdict.AFTER_LOSS

    def _may_follow(self, cells: Sequence[bytes]) -> bool:
        """Whether an HSP behind a break can be one of the open hit, by its E value and its ends.

        A hole may have swallowed the borders of hits and queries; then a list often begins anew.
        """
        if not self._query_broken or self._hit is None:
            return True
        lengths = ((self._hit[3], "query_to"), (self._hit[6], "hit_to"))
        if any(isinstance(most, int) and int(cells[self._at[name]]) > most for most, name in lengths):
            return False
        return self._hsps == 0 or float(cells[self._at["evalue"]]) >= float(self._first_evalue)

    def _agrees(self, cells: Sequence[bytes]) -> bool | None:
        """Whether coordinates, length and gaps fit the sequences (else None), and the midline too."""
        at = self._at
        qseq, hseq = cells[at["qseq"]], cells[at["hseq"]]
        letters = len(qseq)
        length, gaps = cells[at["align_len"]], cells[at["gaps"]]
        if letters != len(hseq) or (length and int(length) != letters):
            return None
        query_gaps, hit_gaps = qseq.count(b"-"), hseq.count(b"-")
        if gaps and int(gaps) != query_gaps + hit_gaps:
            return None
        if not cells[at["identity"]] and self._by_blast_plus:
            return None
        # Frame shifts, which DIAMOND writes as slashes, break the sum.
        if b"/" not in qseq and b"\\" not in qseq:
            query_span = abs(int(cells[at["query_to"]]) - int(cells[at["query_from"]])) + 1
            hit_span = abs(int(cells[at["hit_to"]]) - int(cells[at["hit_from"]])) + 1
            query_letters, hit_letters = letters - query_gaps, letters - hit_gaps
            if query_span not in (query_letters, 3 * query_letters) or hit_span not in (
                hit_letters,
                3 * hit_letters,
            ):
                return None
        return not cells[at["midline"]] or len(cells[at["midline"]]) == letters

    def add_loose(self, values: Mapping[str, bytes]) -> Verdict:
        """One HSP of which nothing is known yet, by field name."""
        cells = {name: value.strip() if name in _NUMBERS else value for name, value in values.items()}
        number = cells.get("num", b"").strip()
        forms = {name: _INTEGER if kind == pl.Int64 else _REAL for name, kind in _NUMBERS.items()}
        wrong = any(cells.get(name) and not form.fullmatch(cells[name]) for name, form in forms.items())
        if (
            wrong
            or not all(cells.get(name) for name in _NEEDED)
            or (number and not _INTEGER.fullmatch(number))
        ):
            self.break_hsp(values)
            return Verdict.REJECTED
        ordered = [cells.get(name, b"") for name in self._fields]
        return self.add(int(number) if number else self._hsp_number + 1, ordered)

    # -- batches -------------------------------------------------------------------------------------------

    def batches(self, last: bool = False) -> Iterator[Batch]:
        """What is ready, if it is enough for a batch or the file is at its end."""
        if self._size < BATCH_BYTES and len(self._ended) < 50_000 and not last:
            return
        if not (self._rows or self._ended):
            return
        hits = self._table()
        self._report.rows += hits.height
        yield Batch(hits, self._ended)
        self._ended = []

    def finish(self) -> None:
        """Write down which columns the file had."""
        self._report.columns = tuple(name for name in HIT_COLUMNS if name in self._present)

    def _table(self) -> pl.DataFrame:
        rows, hits = self._rows, self._hits
        self._rows, self._size = [], 0
        self._hits = _Hits([self._hit], [0]) if self._hit else _Hits()
        if not rows:
            return hit_schema().to_frame()
        hsps = pl.read_csv(
            b"\n".join(rows) + b"\n",
            has_header=False, separator="\t", quote_char=None, schema=self._schema, glob=False,
        )  # fmt: skip
        counts = pl.Series(hits.counts, dtype=pl.UInt32)
        place = pl.Series(range(len(counts)), dtype=pl.UInt32).repeat_by(counts).explode(empty_as_null=False)
        subjects = pl.DataFrame(hits.rows, schema=_HIT_FIELDS, orient="row")[place]
        table = conform(pl.concat([subjects, self._tabular(hsps)], how="horizontal"))
        nulls = table.null_count().row(0)
        self._present |= {name for name, n in zip(table.columns, nulls, strict=True) if n < table.height}
        return table

    def _tabular(self, hsps: pl.DataFrame) -> pl.DataFrame:
        """HSPs with BLAST's tabular names and coordinates."""
        absent = [name for name in _ALL if name not in hsps.columns]
        blank = [pl.lit(None, dtype=_ALL[name]).alias(name) for name in absent]
        hsps = hsps.with_columns(blank)
        program = (self._report.search.program or "").lower()
        nucleotides = program in ("blastn", "megablast", "rmblastn", "dc-megablast", "vecscreen")
        frames = [
            pl.coalesce(f"{side}_frame", _sign(f"{side}_strand"), _order(side) if nucleotides else pl.lit(0))
            for side in ("query", "hit")
        ]
        # Where neither side is translated tabular output says 1, the reports 0 or nothing.
        untranslated = (frames[0] == 0) & (frames[1] == 0)
        hsps = hsps.with_columns(
            pl.when(untranslated).then(1).otherwise(frames[0]).cast(pl.Int64).alias("query_frame"),
            pl.when(untranslated).then(1).otherwise(frames[1]).cast(pl.Int64).alias("hit_frame"),
            pl.coalesce("align_len", pl.col("qseq").str.len_bytes()).cast(pl.Int64).alias("align_len"),
            pl.coalesce("positive", pl.col("identity") if nucleotides else None).alias("positive"),
        )
        hsps = _with_gaps(hsps)
        length, same = pl.col("align_len"), pl.col("identity")
        counted = pl.when(length > 0)
        forward_query, backward_query = _ends("query")
        forward_hit, backward_hit = _ends("hit")
        sign = pl.col("hit_frame")
        strand = pl.when(sign < 0).then(pl.lit("minus")).when(sign > 0).then(pl.lit("plus"))
        return hsps.select(
            counted.then(100.0 * same / length).alias("pident"),
            length.alias("length"),
            (length - same - pl.col("gaps")).alias("mismatch"),
            "gapopen",
            forward_query.alias("qstart"),
            backward_query.alias("qend"),
            forward_hit.alias("sstart"),
            backward_hit.alias("send"),
            _finite("evalue"),
            _finite("bit_score").alias("bitscore"),
            same.alias("nident"),
            "positive",
            "gaps",
            counted.then(100.0 * pl.col("positive") / length).alias("ppos"),
            pl.col("query_frame").alias("qframe"),
            pl.col("hit_frame").alias("sframe"),
            (strand if nucleotides else pl.lit(None, dtype=pl.String)).alias("sstrand"),
            _finite("score"),
            "qseq",
            pl.col("hseq").alias("sseq"),
            "midline",
        )


_ALL = pl.Schema(
    dict(_NUMBERS) | dict.fromkeys(("query_strand", "hit_strand", "qseq", "hseq", "midline"), pl.String())
)


def _member(line: Defline) -> dict[str, object]:
    subject = subject_of(line.id, line.title, line.accession)
    return {"id": subject.id, "title": subject.title, "taxid": line.taxid}


def _sign(strand: str) -> pl.Expr:
    text = pl.col(strand).str.to_lowercase()
    return pl.when(text == "minus").then(pl.lit(-1)).when(text == "plus").then(pl.lit(1))


def _order(side: str) -> pl.Expr:
    return pl.when(pl.col(f"{side}_from") > pl.col(f"{side}_to")).then(-1).otherwise(1)


def _finite(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)


def _ends(side: str) -> tuple[pl.Expr, pl.Expr]:
    """From and to as tabular output has them: the minus strand by order.

    BLAST's reports put the lower number first for translated sequences and the sign into the frame (P58).
    """
    start, end, frame = pl.col(f"{side}_from"), pl.col(f"{side}_to"), pl.col(f"{side}_frame")
    turned = (frame < 0) & (start < end)
    return pl.when(turned).then(end).otherwise(start), pl.when(turned).then(start).otherwise(end)


def _with_gaps(hsps: pl.DataFrame) -> pl.DataFrame:
    """`gaps` where the report left it out, and `gapopen`, which it never has."""
    qseq, hseq = pl.col("qseq").str, pl.col("hseq").str
    if hsps["gaps"].null_count():
        letters = qseq.count_matches("-", literal=True) + hseq.count_matches("-", literal=True)
        hsps = hsps.with_columns(pl.coalesce("gaps", letters.cast(pl.Int64)).alias("gaps"))
    gapped = hsps["gaps"] > 0
    runs = qseq.count_matches("-+") + hseq.count_matches("-+")
    opened = hsps.filter(gapped).select(runs.cast(pl.Int64)).to_series()
    none = pl.when(pl.col("gaps") == 0).then(pl.lit(0, dtype=pl.Int64))
    plain = hsps.select(none.alias("gapopen")).to_series()
    return hsps.with_columns(plain.scatter(gapped.fill_null(False).arg_true(), opened))
