"""What proves that a result is whole, and what it says where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from blast_artifacts.files import FileSource
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.views.build import Job
from tests.views.built import artifact, build, codes, folder_of, outfmt6_row, outfmt7

COMPLETED = Job("j", status=JobStatus.COMPLETED, options={"outfmt": "6"})
SIX = outfmt6_row("q1", "a", 50, "") + "\n"


def runtime(batch: str, code: int) -> str:
    return f"1\trun start {batch} blastn db\n2\trun exitCode {batch} {code}\n3\trun end {batch}\n"


def test_a_file_alone_is_believed_with_a_warning(tmp_path: Path) -> None:
    built = build(folder_of(tmp_path, {"r.out": SIX}))
    assert built.complete
    assert "end_not_provable" in codes(built)


def test_inside_a_job_a_format_without_an_end_needs_exit_code_0(tmp_path: Path) -> None:
    folder_of(tmp_path, {"batch_000.out": SIX})
    assert not build(tmp_path, COMPLETED).complete
    folder_of(tmp_path, {"logs/BLAST_RUNTIME-000.out": runtime("000", 0)})
    assert build(tmp_path, COMPLETED).complete


@pytest.mark.parametrize(("fasta", "complete"), [(">q1\nACGT\n", True), (">q1\nACGT\n>q2\nACGT\n", False)])
def test_or_every_submitted_query_accounted_for(tmp_path: Path, fasta: str, complete: bool) -> None:
    folder_of(tmp_path, {"r/batch_000.out": SIX, "q.fa": fasta})
    query = FileSource(tmp_path / "q.fa", "q.fa")
    job = Job("j", status=JobStatus.COMPLETED, options={"outfmt": 6}, query_fasta=query)
    assert build(tmp_path / "r", job).complete is complete


def test_an_exit_code_that_is_not_0_is_told_in_words(tmp_path: Path) -> None:
    folder_of(
        tmp_path, {"batch_000.out": outfmt7({"q1": []}), "logs/BLAST_RUNTIME-000.out": runtime("000", 137)}
    )
    built = build(tmp_path)
    assert not built.complete
    (text,) = [entry["text"] for entry in built.summary["warnings"] if entry["code"] == "batch_failed"]
    assert text == "BLAST ended batch 0 with exit code 137: the program was killed."
    assert artifact(built, ArtifactType.MANIFEST)["batches"]["failed"] == [{"batch": 0, "exit_code": 137}]


def test_the_failure_marker_and_its_first_line_are_shown(tmp_path: Path) -> None:
    files = {"batch_000.out": outfmt7({"q1": []}), "metadata/FAILURE.txt": "\nBLAST Database error\nmore\n"}
    built = build(folder_of(tmp_path, files))
    assert not built.complete
    assert built.summary["warnings"][0]["text"] == "The pipeline reports a failure: BLAST Database error"


def test_fewer_files_than_were_submitted_are_not_complete(tmp_path: Path) -> None:
    files = {
        "batch_000.out": outfmt7({"q1": []}),
        "metadata/num_jobs_submitted.txt": "3\n",
        "metadata/SUCCESS.txt": "",
    }
    built = build(folder_of(tmp_path, files))
    assert not built.complete
    assert artifact(built, ArtifactType.MANIFEST)["batches"]["missing"] == 2
    assert "results_missing" in codes(built)


def test_an_empty_file_means_no_hits_only_with_a_good_exit_code(tmp_path: Path) -> None:
    folder_of(tmp_path, {"batch_000.out": b"", "metadata/SUCCESS.txt": b""})
    assert not build(tmp_path).complete
    folder_of(tmp_path, {"logs/BLAST_RUNTIME-000.out": runtime("000", 0)})
    assert build(tmp_path).complete


def test_an_empty_listing_is_never_complete(tmp_path: Path) -> None:
    built = build(tmp_path, COMPLETED)
    assert not built.complete
    assert built.summary["hsps"] is None


def test_sequences_beside_the_results_do_no_harm_but_garbage_does(tmp_path: Path) -> None:
    folder_of(tmp_path, {"r.out": outfmt7({"q1": []}), "query.fa": ">q1\nACGT\n"})
    assert build(tmp_path).complete
    folder_of(tmp_path, {"s.out": b"\x00\x01garbage" * 50})
    assert not build(tmp_path).complete


def test_sources_name_the_first_files_that_are_not_whole(tmp_path: Path) -> None:
    cut = outfmt7({"q1": [("a", 50.0)]}).rpartition("# BLAST")[0]
    built = build(folder_of(tmp_path, {f"batch_{n:03d}.out": cut for n in range(25)}))
    sources = artifact(built, ArtifactType.QUERIES)["sources"]
    assert (sources["files"], len(sources["not_whole"]), sources["not_whole_total"]) == (25, 20, 25)
    assert sources["not_whole"][0]["name"] == "batch_000.out"


def test_queries_that_no_file_accounts_for_make_a_result_incomplete(tmp_path: Path) -> None:
    folder_of(tmp_path, {"r/r.out": outfmt7({"q1": []}), "q.fa": ">q1\nACGT\n>q2\nACGT\n"})
    query = FileSource(tmp_path / "q.fa", "q.fa")
    built = build(tmp_path / "r", Job("j", query_fasta=query))
    assert not built.complete
    assert [row["status"] for row in artifact(built, ArtifactType.QUERIES)["rows"]] == ["no_hits", "unread"]


def test_a_lost_batch_makes_a_result_incomplete_where_the_pipeline_left_no_count(tmp_path: Path) -> None:
    files = {
        "batch_000.out": outfmt7({"q1": []}),
        "query_batches/batch_000.fa": ">q1\nACGT\n",
        "query_batches/batch_001.fa": ">q2\nACGT\n",
        "metadata/num_jobs_submitted.txt": "",
        "metadata/SUCCESS.txt": "",
    }
    assert not build(folder_of(tmp_path, files)).complete


def test_queries_under_other_names_are_counted_not_doubted(tmp_path: Path) -> None:
    folder_of(tmp_path, {"r/r.out": outfmt7({"q1": []}), "q.fa": ">lcl|q1\nACGT\n"})
    query = FileSource(tmp_path / "q.fa", "q.fa")
    assert build(tmp_path / "r", Job("j", query_fasta=query)).complete
