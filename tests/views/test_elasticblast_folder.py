"""A whole run of ElasticBLAST, in its default format, of which three batches went wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.build import Built
from tests.views.built import CASES, artifact, build, folder_of

ARCHIVES = CASES.parent / "archives"
BATCHES, FAILED, TRUNCATED, MISSING = 200, 7, 42, 101
ERROR = "BLAST engine error: Could not map file"


def name(batch: int) -> str:
    return f"batch_{batch:03d}-blastp-prot.out.gz"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    whole = (ARCHIVES / "blastp.outfmt11.gz").read_bytes()
    prefix = "2026/11/24/job-1a2b/"
    files: dict[str, str | bytes] = {
        "metadata/SUCCESS.txt": "",
        "metadata/FAILURE.txt": f"\n{ERROR}\nmore\n",
        "metadata/num_jobs_submitted.txt": f"{BATCHES}\n",
        "metadata/elastic-blast-config.json": json.dumps(
            {"blast": {"program": "blastp", "db": "dbs/prot", "options": "-evalue 1 -max_target_seqs 3"}}
        ),
    }
    for batch in range(BATCHES):
        code = 3 if batch == FAILED else 0
        log = f"1\trun start {batch:03d} blastp prot\n2\trun exitCode {batch:03d} {code}\n"
        if batch != MISSING:
            files[name(batch)] = whole
            files[f"logs/BLAST_RUNTIME-{batch:03d}.out"] = log
    files[name(FAILED)] = (ARCHIVES / "failed.outfmt11.gz").read_bytes()
    files[name(TRUNCATED)] = whole[: len(whole) * 2 // 3]
    placed = {prefix + path: content for path, content in files.items()}
    return build(folder_of(tmp_path_factory.mktemp("run"), placed))


@pytest.fixture(scope="module")
def manifest(built: Built) -> dict[str, Any]:
    found: dict[str, Any] = artifact(built, ArtifactType.MANIFEST)
    return found


def test_the_manifest_tells_which_batches_failed_and_which_are_missing(manifest: dict[str, Any]) -> None:
    assert manifest["batches"] == {
        "found": BATCHES - 1,
        "submitted": BATCHES,
        "missing": 1,
        "missing_numbers": [MISSING],
        "failed": [{"batch": FAILED, "exit_code": 3}],
    }
    assert not manifest["complete"]


def test_all_files_but_the_bad_ones_are_read_whole_and_in_order(manifest: dict[str, Any]) -> None:
    assert [file["batch"] for file in manifest["files"]] == [n for n in range(BATCHES) if n != MISSING]
    states = {file["batch"]: (file["state"], file["reason"]) for file in manifest["files"]}
    bad = {batch: state for batch, state in states.items() if state != ("read", None)}
    assert bad.keys() == {FAILED, TRUNCATED}
    assert bad[FAILED] == ("truncated", "search_failed")
    assert bad[TRUNCATED][0] == "truncated"


def test_the_same_is_said_in_words(built: Built) -> None:
    said = {warning["code"]: warning["text"] for warning in built.summary["warnings"]}
    assert said["pipeline_failed"] == f"The pipeline reports a failure: {ERROR}"
    assert said["batch_failed"].startswith(f"BLAST ended batch {FAILED} with exit code 3: ")
    assert said["results_missing"] == f"1 of {BATCHES} submitted batches left no result file: {MISSING}."
    for batch in (FAILED, TRUNCATED):
        assert name(batch) in said["files_not_whole"]
    assert said["files_not_whole"].startswith(f"2 of {BATCHES - 1} files")


def test_the_search_is_that_of_the_configuration(manifest: dict[str, Any]) -> None:
    (search,) = manifest["searches"]
    assert (search["program"], search["max_target_seqs"]) == ("blastp", 3)


def test_the_queries_of_the_other_batches_are_counted_whole(built: Built) -> None:
    whole = BATCHES - 3
    totals = artifact(built, ArtifactType.AGGREGATE)["totals"]
    assert totals["queries_with_hits"] >= whole
    assert totals["queries"] >= 2 * whole
