"""A result built whole: equal bytes, several parts, shards, deadlines, submitted queries."""

from __future__ import annotations

import gzip
import shutil
import time
from pathlib import Path

import polars as pl
import pytest

from blast_artifacts.files import FileSource
from blast_artifacts.tables import part
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.views import alignments as alignments_view
from blast_artifacts.views import build as build_module
from blast_artifacts.views.build import Job, build_result
from tests.conftest import app_settings
from tests.views.built import CASES, LOCAL, artifact, build, codes, folder_of, outfmt6_row, outfmt7

SAME = CASES / "same-search"
TWO = {"q1": [("a", 90.0), ("b", 50.0)], "q2": [("a", 70.0)]}


def test_equal_input_gives_equal_bytes_wherever_and_whenever_it_is_built(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "outfmt7.tsv"
    copy.parent.mkdir()
    shutil.copyfile(SAME / "outfmt7.tsv", copy)
    first, second = build(SAME / "outfmt7.tsv"), build(copy)
    assert first.artifacts == second.artifacts
    assert first.fingerprint == second.fingerprint


def test_other_content_of_the_same_size_has_another_fingerprint(tmp_path: Path) -> None:
    first = build(folder_of(tmp_path / "1", {"r.out": outfmt7({"q1": [("a", 90.0)]})}))
    second = build(folder_of(tmp_path / "2", {"r.out": outfmt7({"q1": [("b", 90.0)]})}))
    assert first.fingerprint != second.fingerprint


def test_totals_agree_in_every_artifact() -> None:
    built = build(SAME / "outfmt5.xml")
    totals = artifact(built, ArtifactType.AGGREGATE)["totals"]
    pairs, hsps = artifact(built, ArtifactType.DESCRIPTIONS), artifact(built, ArtifactType.ALIGNMENTS)
    queries, taxonomy = artifact(built, ArtifactType.QUERIES), artifact(built, ArtifactType.TAXONOMY)
    assert (
        totals["pairs"] == pairs["total"] == len(pairs["rows"]) == sum(q["subjects"] for q in queries["rows"])
    )
    assert totals["hsps"] == hsps["total"] == len(hsps["rows"]) == sum(p["hsps"] for p in pairs["rows"])
    assert totals["queries"] == queries["total"]
    assert totals["subjects"] == taxonomy["subjects"] == len({pair["subject"] for pair in pairs["rows"]})


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_result_of_many_parts_reads_as_one(size: int, tmp_path: Path) -> None:
    files = {
        f"batch_{n:03d}-blastn-db.out": outfmt7({f"q{n}": [("a", 50.0 + n), ("b", 40.0)]}) for n in range(10)
    }
    folder_of(tmp_path, files)
    whole = build(tmp_path)
    with app_settings({"PART_FILES": str(size)}):
        assert build(tmp_path).artifacts == whole.artifacts


def test_files_are_grouped_into_parts_by_bytes_and_number(tmp_path: Path) -> None:
    class Sized(FileSource):
        @property
        def size(self) -> int:
            return int(self.name) * 1024 * 1024

    sizes = ["50", "50", "50", "300", "1", "1"]
    plan = part.plan_parts([(Sized(tmp_path, size), 0) for size in sizes])
    assert [[source.name for source, _ in group] for group in plan] == [
        ["50", "50"],
        ["50"],
        ["300"],
        ["1", "1"],
    ]
    assert [len(group) for group in part.plan_parts([(Sized(tmp_path, "0"), 0)] * 450)] == [200, 200, 50]


def test_shards_of_a_batch_share_its_queries(tmp_path: Path) -> None:
    shard = "shard_0{}/batch_000-blastn-db_shard_0{}.out"
    folder_of(
        tmp_path,
        {
            shard.format(0, 0): outfmt7({"q1": [("a", 50.0)], "q2": []}),
            shard.format(1, 1): outfmt7({"q1": [("b", 90.0)], "q2": []}),
        },
    )
    built = build(tmp_path)
    rows = artifact(built, ArtifactType.QUERIES)["rows"]
    assert [(row["query_key"], row["status"], row["subjects"], row["best_bits"]) for row in rows] == [
        ("@0:0", "hits", 2, 90.0),
        ("@0:1", "no_hits", 0, None),
    ]
    assert [row["subject"] for row in artifact(built, ArtifactType.DESCRIPTIONS)["rows"]] == ["b", "a"]
    assert built.summary["queries"] == 2


def test_a_file_past_the_deadline_is_published_with_what_was_read(tmp_path: Path) -> None:
    folder_of(tmp_path, {"batch_000.out": outfmt7(TWO), "batch_001.out": outfmt7(TWO)})
    built = build(tmp_path, deadline=time.monotonic() - 1)
    assert not built.complete
    assert {source["reason"] for source in built.summary["sources"]} == {"time_budget"}


def test_a_file_that_gives_no_row_for_long_is_left_at_the_deadline(tmp_path: Path) -> None:
    file = tmp_path / "line.out.gz"
    with gzip.GzipFile(file, "wb", compresslevel=1, mtime=0) as packed:
        packed.write(outfmt7(TWO).encode())
        for _ in range(64):
            packed.write(b"x" * (8 << 20))
    began = time.monotonic()
    built = build(file, deadline=began + 0.2)
    assert time.monotonic() - began < 5
    (source,) = built.summary["sources"]
    assert (source["state"], source["reason"]) == ("truncated", "time_budget")


def test_progress_counts_every_stored_byte_once(tmp_path: Path) -> None:
    path = CASES / "damaged" / "cut-short.outfmt7.out.gz"
    seen: list[int] = []
    build_result(LOCAL, [FileSource(path, path.name)], tmp_path, on_progress=seen.append)
    assert sum(seen) == path.stat().st_size


def test_queries_that_a_format_leaves_out_come_from_the_query_fasta_in_its_order() -> None:
    query = FileSource(SAME / "query.fa", "query.fa")
    built = build(SAME / "outfmt6.tsv", Job("local-build", query_fasta=query))
    rows = artifact(built, ArtifactType.QUERIES)["rows"]
    reference = artifact(build(SAME / "outfmt5.xml"), ArtifactType.QUERIES)["rows"]
    for name in ("query", "query_key", "status", "length", "subjects", "hsps"):
        assert [row[name] for row in rows] == [row[name] for row in reference]
    covers = [row["query_cover_ncbi"] for row in artifact(built, ArtifactType.DESCRIPTIONS)["rows"]]
    assert covers[:3] == [100, 89, 8]
    assert built.complete


def test_submitted_queries_behind_a_break_are_unread_not_without_hits(tmp_path: Path) -> None:
    text = outfmt7({"q1": [("a", 90.0)], "q2": [("a", 80.0)]})
    folder_of(
        tmp_path, {"r/batch_000.out": text[: text.index("# Query: q2")], "q.fa": ">q1\nA\n>q2\nA\n>q3\nA\n"}
    )
    built = build(tmp_path / "r", Job("local-build", query_fasta=FileSource(tmp_path / "q.fa", "q.fa")))
    statuses = {row["query"]: row["status"] for row in artifact(built, ArtifactType.QUERIES)["rows"]}
    assert statuses["q3"] == "unread"
    assert not built.complete


def test_each_batch_of_a_folder_is_held_against_its_own_queries(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        {
            "batch_000-blastn-db.out": outfmt6_row("q2", "a", 50, "") + "\n",
            "batch_001-blastn-db.out": outfmt6_row("q3", "a", 50, "") + "\n",
            "query_batches/batch_000.fa": ">q1\nACGT\n>q2\nACGT\n",
            "query_batches/batch_001.fa": ">q3\nACGT\n",
        },
    )
    rows = artifact(build(tmp_path), ArtifactType.QUERIES)["rows"]
    assert [(row["query"], row["query_key"], row["status"]) for row in rows] == [
        ("q1", "@0:0", "no_hits"),
        ("q2", "@0:1", "hits"),
        ("q3", "@1:0", "hits"),
    ]


def test_queries_that_no_batch_can_be_told_for_stand_behind_the_last_one(tmp_path: Path) -> None:
    files = {f"r/batch_00{n}.out": outfmt6_row(f"q{n}", "a", 50, "") + "\n" for n in (1, 2)}
    folder_of(tmp_path, {**files, "q.fa": "".join(f">q{n}\nACGT\n" for n in range(4))})
    built = build(tmp_path / "r", Job("local-build", query_fasta=FileSource(tmp_path / "q.fa", "q.fa")))
    rows = artifact(built, ArtifactType.QUERIES)["rows"]
    assert [row["query_key"] for row in rows] == ["@1:0", "@2:0", "@3:0", "@3:1"]
    assert [row["query"] for row in rows[2:]] == ["q0", "q3"]


def test_one_view_that_fails_does_not_take_the_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, object]:
        raise RuntimeError("no tree today")

    monkeypatch.setattr(build_module, "organisms", broken)
    built = build_result(LOCAL, [FileSource(SAME / "outfmt7.tsv", "outfmt7.tsv")], tmp_path)
    assert built.failed == {ArtifactType.TAXONOMY: "RuntimeError"}
    assert len(built.artifacts) == 5
    assert not built.complete


def test_an_error_of_the_storage_is_raised_and_leaves_no_tables(tmp_path: Path) -> None:
    class Gone(FileSource):
        def blocks(self):  # type: ignore[no-untyped-def]
            yield from [gzip.compress(outfmt7(TWO).encode(), mtime=0)[:100]]
            raise ConnectionError("lost")

    source = Gone(SAME / "outfmt7.tsv", "outfmt7.tsv")
    with pytest.raises(ConnectionError):
        build_result(LOCAL, [source], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_merged_copy_beside_its_shards_is_named_and_not_counted(tmp_path: Path) -> None:
    text = outfmt7(TWO)
    folder_of(tmp_path, {"shard_00/batch_000-blastn-x.out": text, "merged_results.out": text})
    built = build(tmp_path)
    assert (built.summary["pairs"], built.complete) == (3, True)
    reasons = {source["name"]: source["reason"] for source in built.summary["sources"]}
    assert reasons["merged_results.out"] == "superseded"
    assert "files_skipped" in codes(built)


def test_the_tables_hold_what_the_artifacts_show(tmp_path: Path) -> None:
    sources = [FileSource(SAME / "outfmt15.json", "outfmt15.json")]
    built = build_result(LOCAL, sources, tmp_path)
    hits, pairs, queries = (pl.read_parquet(path) for path in built.parts)
    assert (hits.height, pairs.height, queries.height) == (59, 9, 5)
    assert pairs["hsps"].sum() == hits.height


def test_a_page_of_very_long_alignments_has_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = artifact(build(SAME / "outfmt15.json"), ArtifactType.ALIGNMENTS)
    monkeypatch.setattr(alignments_view, "PAGE_BYTES", 10_000)
    short = artifact(build(SAME / "outfmt15.json"), ArtifactType.ALIGNMENTS)
    assert 1 <= len(short["rows"]) < len(whole["rows"])
    assert short["rows"] == whole["rows"][: len(short["rows"])]
    assert short["next_cursor"]
    assert not whole["next_cursor"]


def test_a_page_counts_the_title_that_each_alignment_bears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alignments_view, "PAGE_BYTES", 10_000)
    folder_of(tmp_path, {"r.out": outfmt7({f"q {'x' * 3000}": [(f"s{n}", 90.0) for n in range(9)]})})
    page = artifact(build(tmp_path), ArtifactType.ALIGNMENTS)
    assert [row["sseqid"] for row in page["rows"]] == ["s0", "s1", "s2"]
    assert (page["total"], bool(page["next_cursor"])) == (9, True)
    folder_of(tmp_path, {"r.out": outfmt7({f"q {'x' * 30_000}": [("s", 90.0), ("t", 90.0)]})})
    assert [row["sseqid"] for row in artifact(build(tmp_path), ArtifactType.ALIGNMENTS)["rows"]] == ["s"]


def test_a_cancelled_job_is_not_complete(tmp_path: Path) -> None:
    folder_of(tmp_path, {"batch_000.out": outfmt7(TWO)})
    assert build(tmp_path, Job("j", status=JobStatus.COMPLETED)).complete
    assert not build(tmp_path, Job("j", status=JobStatus.CANCELLED)).complete


def by_start(line: str) -> int:
    """Comments stay in front, rows are sorted by the query's start, the trailer stays behind."""
    cells = line.split("\t")
    return int(cells[6]) if len(cells) == 12 else 10**9 * line.startswith("# BLAST processed")


def test_a_table_sorted_after_the_search_has_the_pairs_of_the_search(tmp_path: Path) -> None:
    blocks = (SAME / "outfmt7.tsv").read_text().split("# BLASTN")
    text = "# BLASTN".join("".join(sorted(block.splitlines(keepends=True), key=by_start)) for block in blocks)
    plain = build(SAME / "outfmt7.tsv")
    resorted = build(folder_of(tmp_path, {"r.out": text}))
    assert [resorted.summary[n] for n in ("pairs", "hsps")] == [plain.summary[n] for n in ("pairs", "hsps")]
    assert "subjects_not_grouped" in codes(resorted)
