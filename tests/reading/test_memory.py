from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context

import pytest

from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.read import ReadOptions, read
from blast_artifacts.terms import FileState
from tests.reading.files import Bytes, case, read_whole

LARGEST_BATCH = 48 << 20


def _repeated(times: int) -> bytes:
    """One query with very many hits: there is no border of queries to free anything at (P1)."""
    data = case("same-search/outfmt5.xml")
    start, end = data.index(b"<Hit>"), data.index(b"</Iteration_hits>")
    hit = data[start : data.index(b"<Hit>", start + 1)]
    hits = b"".join(hit.replace(b"<Hit_num>1<", b"<Hit_num>%d<" % (n + 1)) for n in range(times))
    return data[:start] + hits + data[end:]


def test_one_query_with_many_hits_comes_in_bounded_batches() -> None:
    source = Bytes(_repeated(8000))
    report = Report(source.name, source.size)
    sizes = [
        (batch.hits.height, batch.hits.estimated_size()) for batch in read(source, ReadOptions(), report)
    ]
    assert len(sizes) > 1
    assert sum(rows for rows, _ in sizes) == 8000 + 31
    assert max(size for _, size in sizes) < LARGEST_BATCH
    assert report.state is FileState.READ


def test_an_hsp_may_be_larger_than_a_block() -> None:
    data = case("same-search/outfmt5.xml")
    letters = 60_000
    start = data.index(b"<Hsp_qseq>")
    end = data.index(b"</Hsp>", start)
    texts = b"".join(
        b"<Hsp_%b>%b</Hsp_%b>\n" % (name, letter * letters, name)
        for name, letter in ((b"qseq", b"A"), (b"hseq", b"A"), (b"midline", b"|"))
    )
    data = data[:start] + texts + data[end:]
    for name, old, new in (
        (b"align-len", b"900", b"60000"), (b"query-to", b"900", b"60000"), (b"hit-to", b"1100", b"60200"),
        (b"identity", b"900", b"60000"), (b"positive", b"900", b"60000"),
    ):  # fmt: skip
        data = data.replace(b"<Hsp_%b>%b<" % (name, old), b"<Hsp_%b>%b<" % (name, new), 1)
    whole = read_whole(data, step=1000)
    assert whole.hits.height == 59
    assert whole.hits["qseq"].str.len_bytes().max() == letters


def test_a_line_without_end_does_not_grow_without_bound() -> None:
    whole = read_whole(b"q\ts\t" + b"x" * (9 << 20), step=1 << 20)
    assert whole.report.state is FileState.UNSUPPORTED


@dataclass
class Endless:
    """A report of one query with as many hits as are asked for, made while it is read."""

    hits: int
    name: str = "result"
    size: int = 0
    version: str = "1"

    def blocks(self) -> Iterator[bytes]:
        data = case("same-search/outfmt5.xml")
        start = data.index(b"<Hit>")
        head, _, tail = data[start : data.index(b"<Hit>", start + 1)].partition(b"<Hit_num>1<")
        yield data[:start]
        for first in range(1, self.hits + 1, 1000):
            numbers = range(first, min(first + 1000, self.hits + 1))
            yield b"".join(b"%b<Hit_num>%d<%b" % (head, number, tail) for number in numbers)
        yield b"</Iteration_hits></Iteration></BlastOutput_iterations></BlastOutput>"


def _peak_of_reading(hits: int) -> tuple[int, int]:
    """HSPs read, and the most memory that the process held, in MB."""
    import resource  # there is none on Windows

    report = Report("result", 0)
    rows = sum(batch.hits.height for batch in read(Endless(hits), ReadOptions(), report))
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.mark.nightly
def test_one_query_with_a_million_hsps_fits_in_memory() -> None:
    with get_context("spawn").Pool(1) as pool:
        rows, peak = pool.apply(_peak_of_reading, (250_000,))
        assert rows == 250_000
    with get_context("spawn").Pool(1) as pool:
        many, more = pool.apply(_peak_of_reading, (1_000_000,))
    assert many == 1_000_000
    assert more <= 500
    assert more <= 1.15 * peak + 20
