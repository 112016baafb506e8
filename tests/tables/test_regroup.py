"""Pairs in several files: of shards, in one part and in several, however the files fall into parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as some

from blast_artifacts.files import FileSource
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables import regroup
from blast_artifacts.tables.parquet import scan
from blast_artifacts.tables.part import Part, PartOptions, write_part
from blast_artifacts.tables.regroup import regroup_across, regroup_within
from blast_artifacts.tables.schema import PAIRS, QUERIES
from blast_artifacts.tables.sums import Sums
from tests.views.built import FIELDS

OPTIONS = PartOptions(lambda _: ReadOptions())
Row = tuple[str, str, int, int, float]
"""Query, subject, query start and end, bits."""


def shard(rows: Sequence[Row]) -> str:
    """What BLAST prints of two queries for one shard."""
    lines: list[str] = []
    for query in ("q1", "q2"):
        mine = sorted((row for row in rows if row[0] == query), key=lambda row: row[1])
        lines += ["# BLASTN 2.12.0+", f"# Query: {query}", "# Database: db"]
        lines += [f"# Fields: {FIELDS}", f"# {len(mine)} hits found"] if mine else ["# 0 hits found"]
        lines += [
            f"{query}\t{subject}\t99.0\t{end - start + 1}\t1\t0\t{start}\t{end}\t1\t9\t1e-30\t{bits}\t9606"
            for _, subject, start, end, bits in mine
        ]
    return "\n".join([*lines, "# BLAST processed 2 queries", ""])


def parts_of(place: Path, shards: Sequence[str], sizes: Sequence[int]) -> list[Part]:
    """Files of one batch in parts of so many each, as a fanned-out build makes them."""
    files = [place / f"shard_{number:02d}" for number in range(len(shards))]
    for file, text in zip(files, shards, strict=True):
        file.write_text(text)
    parts, begin = [], 0
    for number, size in enumerate(sizes):
        folder = place / "-".join(map(str, sizes))
        folder.mkdir(exist_ok=True)
        sources = [(FileSource(file, file.name), 0) for file in files[begin : begin + size]]
        parts.append(write_part(sources, folder, number, OPTIONS))
        regroup_within(parts[-1], folder)
        begin += size
    regroup_across(parts, folder, {})
    return parts


def tables(parts: Sequence[Part]) -> tuple[list[Any], list[Any], Sums]:
    """All pairs, the subjects of all queries, and the sums."""
    total = Sums()
    for part in parts:
        total.add(part.sums)
    queries = scan([part.queries for part in parts], QUERIES, {})
    pairs = scan([part.pairs for part in parts], PAIRS, {})
    counted = queries.select("query", "source", "subjects").collect().rows()
    return pairs.collect().to_dicts(), counted, total


def test_hsps_of_a_subject_in_two_shards_are_one_pair(tmp_path: Path) -> None:
    """Query ranges 1-100 and 51-150 cover 150 positions, not 200; the best HSP is in the second shard."""
    first = shard([("q1", "s", 1, 100, 50.0), ("q1", "t", 1, 10, 30.0)])
    second = shard([("q1", "s", 51, 150, 90.0), ("q2", "s", 1, 20, 20.0)])
    pairs, queries, total = tables(parts_of(tmp_path, [first, second], [2]))
    assert [(row["query"], row["subject"], row["hsps"]) for row in pairs] == [
        ("q1", "s", 2),
        ("q1", "t", 1),
        ("q2", "s", 1),
    ]
    assert (pairs[0]["max_score"], pairs[0]["total_score"], pairs[0]["source"]) == (90.0, 140.0, "shard_00")
    assert [row for row in queries if row[0] == "q1"] == [("q1", "shard_00", 2), ("q1", "shard_01", 0)]
    assert (total.pairs, total.hsps, total.known["max_score"]) == (3, 4, 3)


def test_the_cover_is_of_the_union(tmp_path: Path) -> None:
    lengths = pl.DataFrame({"query": ["q1"], "fasta_length": [300]})
    for number, (start, end) in enumerate(((1, 100), (51, 150))):
        (tmp_path / f"{number}").write_text(shard([("q1", "s", start, end, 50.0)]))
    sources = [(FileSource(tmp_path / name, name), 0) for name in ("0", "1")]
    part = write_part(sources, tmp_path, 0, PartOptions(lambda _: ReadOptions(), lengths))
    regroup_within(part, tmp_path)
    (row,) = pl.read_parquet(part.pairs).to_dicts()
    assert (row["query_cover"], row["query_cover_ncbi"], row["query_length"]) == (50.0, 50, 300)


@pytest.mark.parametrize("sizes", [[2], [1, 1]])
def test_a_pair_has_what_any_of_its_files_tells(tmp_path: Path, sizes: list[int]) -> None:
    more = "q. start, q. end, subject title, subject length, query length, subject tax ids"
    bare, rich = (
        f"# BLASTN 2.12.0+\n# Query: q1\n# Database: d\n# Fields: query acc.ver, subject acc.ver, {fields}\n"
        f"# 1 hits found\nq1\ts1\t{cells}\n# BLAST processed 1 queries\n"
        for fields, cells in (
            ("evalue, q. start, q. end", "1e-5\t1\t40"),
            (f"evalue, {more}", "1e-6\t61\t100\ta title\t300\t100\t9606"),
        )
    )
    (pair,), _, _ = tables(parts_of(tmp_path, [bare, rich], sizes))
    told = {name: pair[name] for name in ("title", "acc_len", "query_length", "taxids", "hsps")}
    assert told == {"title": "a title", "acc_len": 300, "query_length": 100, "taxids": [9606], "hsps": 2}
    assert pair["query_cover"] == 80


def test_numbers_of_a_database_are_other_subjects_in_each_shard(tmp_path: Path) -> None:
    text = shard([("q1", "gnl|BL_ORD_ID|3", 1, 100, 50.0)])
    pairs, _, total = tables(parts_of(tmp_path, [text, text], [2]))
    assert [row["source"] for row in pairs] == ["shard_00", "shard_01"]
    assert total.pairs == 2


def test_files_without_a_pair_in_common_are_left_as_they_are(tmp_path: Path) -> None:
    texts = [shard([("q1", f"s{number}", 1, 100, 50.0)]) for number in range(2)]
    parts = parts_of(tmp_path, texts, [1, 1])
    assert [row["subject"] for row in tables(parts)[0]] == ["s0", "s1"]
    assert not list(tmp_path.glob("*/*.fresh"))


row = some.tuples(
    some.sampled_from(["q1", "q2"]),
    some.sampled_from(["a", "b", "c"]),
    some.integers(1, 50),
    some.integers(51, 120),
    some.sampled_from([20.0, 40.5, 61.25]),
)


@bounded(max_examples=20, deadline=None)
@given(shards=some.lists(some.lists(row, max_size=6), min_size=4, max_size=4))
def test_tables_are_equal_however_the_files_fall_into_parts(
    tmp_path_factory: pytest.TempPathFactory, shards: list[list[Row]]
) -> None:
    place = tmp_path_factory.mktemp("shards")
    texts = [shard(rows) for rows in shards]
    one = tables(parts_of(place, texts, [4]))
    for sizes in ([2, 2], [1, 3], [1, 1, 1, 1]):
        assert tables(parts_of(place, texts, sizes)) == one
    keys = [(pair["query"], pair["subject"]) for pair in one[0]]
    assert len(keys) == len(set(keys))
    assert sum(pair["hsps"] for pair in one[0]) == sum(map(len, shards))


def test_a_few_pairs_at_a_time_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Row] = [(query, f"s{n}", n + 1, 60 + n, 50.0) for query in ("q1", "q2") for n in range(5)]
    texts = [shard(rows), shard(rows)]
    (tmp_path / "few").mkdir()
    whole = tables(parts_of(tmp_path, texts, [2]))
    monkeypatch.setattr(regroup, "AT_ONCE", 3)
    monkeypatch.setattr(regroup, "PAIRS_AT_ONCE", 2)
    monkeypatch.setattr(regroup, "HASHED_AT_ONCE", 3)
    assert tables(parts_of(tmp_path / "few", texts, [1, 1])) == whole


def test_no_more_hashes_are_held_at_once_than_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [range(400), range(800)]
    texts = [shard([("q1", f"s{n}", 1, 100, 50.0) for n in numbers]) for numbers in names]
    held: list[int] = []
    collect = pl.LazyFrame.collect

    def watched(frame: pl.LazyFrame, **given: Any) -> Any:
        found = collect(frame, **given)
        if isinstance(found, pl.DataFrame) and "hash" in found.columns:
            held.append(found.height)
        return found

    monkeypatch.setattr(regroup, "HASHED_AT_ONCE", 100, raising=False)
    monkeypatch.setattr(pl.LazyFrame, "collect", watched)
    pairs = tables(parts_of(tmp_path, texts, [1, 1]))[0]
    assert (len(pairs), sum(pair["hsps"] for pair in pairs)) == (800, 1200)
    assert sum(held) == 1200
    assert max(held) < 200, "shares of 1,200 hashes, of about 92 each"
