"""Large result files made from real hits: python -m benchmarks.inputs FORMAT MB FILE.

FORMAT is 5, 15, 6, 7 or 6-std; FILE gets about so many MB of text, gzipped. The hits are those of recorded
searches (tests/data/searches), again and again: every copy has query ids of its own, other subject ids and
coordinates in tables, other letters in alignments, whose midlines still fit. The same words make the same
bytes.
"""

from __future__ import annotations

import gzip
import itertools
import lzma
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from isal import igzip

if TYPE_CHECKING:
    import polars as pl

SEARCHES = Path(__file__).parents[1] / "tests" / "data" / "searches"
SPEC = "std staxids stitle qlen slen qcovs"
"""The columns of 6 and 7, which are the app's own default."""

_FIELDS = (
    b"# Fields: query acc.ver, subject acc.ver, % identity, alignment length, mismatches, gap opens,"
    b" q. start, q. end, s. start, s. end, evalue, bit score, subject tax ids, subject title,"
    b" query length, subject length, % query coverage per subject\n"
)
_LETTERS = b"ACDEFGHIKLMNPQRSTVWY"
_XML_LETTERS = re.compile(rb"(?<=<Hsp_)(?:qseq|hseq|midline)>[^<]*")
_JSON_LETTERS = re.compile(rb'(?<=")(?:qseq|hseq|midline)": "[^"]*')
_NAMED = {"qaccver": "qseqid", "saccver": "sseqid"}
_Chunks = Iterator[bytes]


def chunks(number: str, size: int) -> _Chunks:
    """At least `size` bytes of text, piece by piece."""
    chance = random.Random(number)  # noqa: S311 (no secret)
    reports = {"5": _xml, "15": _json}.get(number)
    return reports(chance, size) if reports else _table(number, size)


def write(number: str, size: int, path: Path) -> int:
    """Write a file of at least `size` bytes of text; gives how many it has."""
    written = 0
    with igzip.open(path, "wb", compresslevel=1) as file:  # type: ignore[no-untyped-call]
        for chunk in chunks(number, size):
            file.write(chunk)
            written += len(chunk)
    return written


# -- reports ------------------------------------------------------------------------------------------------


def _xml(chance: random.Random, size: int) -> _Chunks:
    report = gzip.decompress((SEARCHES / "blastp" / "outfmt5.xml.gz").read_bytes())
    head, *queries = report.split(b"<Iteration>")
    queries[-1], tail = queries[-1].split(b"</BlastOutput_iterations>")
    yield head
    written = 0
    for number in itertools.count(1):
        if written > size:
            break
        text = _XML_LETTERS.sub(_OtherLetters(chance, b">"), queries[number % len(queries)])
        text = re.sub(rb"iter-num>\d+", b"iter-num>%d" % number, text)
        text = re.sub(rb"query-ID>Query_\d+", b"query-ID>Query_%d" % number, text)
        text = text.replace(b"query-def>", b"query-def>q%d." % number, 1)
        yield b"<Iteration>" + text
        written += len(text)
    yield b"</BlastOutput_iterations>" + tail


def _json(chance: random.Random, size: int) -> _Chunks:
    reports: list[bytes] = []
    for path in sorted((SEARCHES / "sample").glob("*.xz")):
        text = lzma.decompress(path.read_bytes())
        inner = text[text.index(b"[") + 1 : text.rindex(b"]")]
        reports += [b"{" + report.rstrip().rstrip(b",") for report in inner.split(b'{\n    "report"')[1:]]
    reports = [report.replace(b"{: {", b'{\n    "report": {', 1) for report in reports]
    yield b'{\n"BlastOutput2": [\n'
    written = 0
    for number in itertools.count(1):
        text = _JSON_LETTERS.sub(_OtherLetters(chance, b'"'), reports[number % len(reports)])
        text = re.sub(rb'"query_id": "[^"]*', b'"query_id": "Query_%d' % number, text, count=1)
        text = text.replace(b'"query_title": "', b'"query_title": "q%d.' % number, 1)
        written += len(text)
        yield text if written > size else text + b",\n"
        if written > size:
            break
    yield b"\n]\n}\n\n"


class _OtherLetters:
    """Exchanges the amino acids of one query's alignments for others, everywhere alike."""

    def __init__(self, chance: random.Random, behind: bytes) -> None:
        others = bytes(chance.sample(_LETTERS, len(_LETTERS)))
        self._table = bytes.maketrans(_LETTERS, others)
        self._behind = behind

    def __call__(self, found: re.Match[bytes]) -> bytes:
        name, mark, letters = found[0].partition(self._behind)
        return name + mark + letters.translate(self._table)


# -- tables -------------------------------------------------------------------------------------------------


def _table(number: str, size: int) -> _Chunks:
    import polars as pl

    from blast_artifacts.reading.outfmt import STD

    hits = _sample_hits()
    std = [_NAMED.get(name, name) for name in STD]
    columns = std if number == "6-std" else [*std, *SPEC.split()[1:]]
    runs = hits["qseqid"].rle().struct.unnest()
    queries = list(zip(runs["value"].to_list(), runs["len"].to_list(), strict=True))
    written = total = 0
    for copy in itertools.count():
        if written > size:
            break
        place = pl.int_range(pl.len())
        shift = (place.hash(copy) % 50).cast(pl.Int64)
        rows = hits.with_columns(
            pl.format("q{}.{}", pl.lit(copy), "qseqid").alias("qseqid"),
            pl.format("{}.{}", "sseqid", (pl.col("sseqid").hash(copy) % 1000)).alias("sseqid"),
            *[pl.col(name) + shift for name in ("qstart", "qend", "sstart", "send")],
        )
        text = rows.select(columns).write_csv(separator="\t", include_header=False, quote_style="never")
        lines = text.encode()
        if number == "7":
            lines = _commented(lines, copy, queries)
            total += len(queries)
        yield lines
        written += len(lines)
    if number == "7":
        yield b"# BLAST processed %d queries\n" % total


def _sample_hits() -> pl.DataFrame:
    """The hits of the sample search as tabular output prints them."""
    import polars as pl

    from blast_artifacts.reading.hits import Report
    from blast_artifacts.reading.read import ReadOptions, read
    from tests.reading.files import Bytes

    tables = []
    for path in sorted((SEARCHES / "sample").glob("*.xz")):
        source = Bytes(lzma.decompress(path.read_bytes()))
        batches = read(source, ReadOptions(), Report(path.name, source.size))
        tables.append(pl.concat([batch.hits for batch in batches]))
    bits = pl.col("bitscore")
    printed = pl.when(bits < 100).then(((bits * 10).floor() / 10).round(1))
    return pl.concat(tables).with_columns(
        pl.format("{}", pl.col("pident").round(3)).alias("pident"),
        pl.when(printed.is_null()).then(bits.floor().cast(pl.Int64).cast(pl.String))
        .otherwise(printed.cast(pl.String)).alias("bitscore"),
        (100 * (pl.col("qend") - pl.col("qstart") + 1) // pl.col("qlen")).alias("qcovs"),
    )  # fmt: skip


def _commented(lines: bytes, copy: int, queries: list[tuple[str, int]]) -> bytes:
    rows = lines.splitlines(keepends=True)
    parts: list[bytes] = []
    first = 0
    for name, count in queries:
        parts += [
            b"# BLASTP 2.12.0+\n",
            b"# Query: q%d.%b\n" % (copy, name.encode()),
            b"# Database: sample-proteins\n",
            _FIELDS,
            b"# %d hits found\n" % count,
            *rows[first : first + count],
        ]
        first += count
    return b"".join(parts)


if __name__ == "__main__":
    print(write(sys.argv[1], int(float(sys.argv[2]) * 1e6), Path(sys.argv[3])))
