from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts.reading.folder import open_folder
from blast_artifacts.terms import STEPS
from local.pipeline import sample
from local.pipeline.consumer import Consumer
from local.pipeline.fasta import records
from tests.conftest import app_settings, fresh_account
from tests.local.pipeline.queues import events, files, needs_blast, submit

JOB = "5f0c1d2e-0000"


@dataclass
class Stored:
    """A result as a reader's source."""

    name: str
    content: bytes
    version: str = ""

    @property
    def size(self) -> int:
        return len(self.content)

    def blocks(self) -> Iterator[bytes]:
        yield self.content


@dataclass
class Finished:
    """A run at its end: the events it sent, the files it left."""

    events: list[dict[str, Any]]
    files: dict[str, bytes]

    @property
    def end(self) -> dict[str, Any]:
        return self.events[-1]

    def logged(self, step: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == "log" and event["step"] == step]

    def outputs(self) -> list[str]:
        packed = sorted(name for name in self.files if name.endswith(".out.gz"))
        return [gzip.decompress(self.files[name]).decode() for name in packed]


def proteins(count: int) -> str:
    return "".join(records(sample.query())[:count])


def search(data: Path, fasta: str, **changes: Any) -> Finished:
    """Run one search to its end."""
    submit(JOB, fasta, **changes)
    Consumer(data).run(once=True)
    return Finished(events(), files(JOB))


@pytest.fixture(scope="module")
def finished(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """A search of several batches that completed."""
    with app_settings(fresh_account(azurite)):
        yield search(tmp_path_factory.mktemp("pipeline"), proteins(30))


@needs_blast
def test_a_search_leaves_what_elasticblast_would(finished: Finished) -> None:
    count = len(finished.outputs())
    assert count > 1
    assert set(finished.files) == {
        *("metadata/SUCCESS.txt", "metadata/elastic-blast-config.json", "metadata/batch_list.txt"),
        *("metadata/query_length.txt", "metadata/num_jobs_submitted.txt"),
        *(f"batch_{n:03d}-blastp-sample-proteins.out.gz" for n in range(count)),
        *(f"logs/BLAST_RUNTIME-{n:03d}.out" for n in range(count)),
        *(f"query_batches/batch_{n:03d}.fa" for n in range(count)),
    }


@needs_blast
def test_every_query_is_searched_once_in_its_batch(finished: Finished) -> None:
    batches = [finished.files[f"query_batches/batch_{n:03d}.fa"] for n in range(len(finished.outputs()))]
    assert b"".join(batches).decode() == proteins(30)
    for batch, output in zip(batches, finished.outputs(), strict=True):
        assert output.endswith(f"# BLAST processed {batch.count(b'>')} queries\n")


@needs_blast
def test_the_folder_reader_understands_what_is_left(finished: Finished) -> None:
    folder = open_folder([Stored(name, content) for name, content in finished.files.items()])
    count = len(finished.outputs())
    assert [batch for _, batch in folder.results] == list(range(count))
    assert folder.success
    assert folder.failure is None
    assert folder.submitted == count
    assert folder.exit_codes == dict.fromkeys(range(count), 0)
    assert (folder.program, folder.database) == ("blastp", "sample-proteins")
    assert folder.options == {"evalue": "10", "outfmt": "7 std staxids stitle qlen slen qcovs"}


@needs_blast
def test_every_known_step_is_told_in_order_and_the_end_comes_last(finished: Finished) -> None:
    steps = [(event["step"], event["state"]) for event in finished.events if event["kind"] == "step"]
    assert steps == [(step, state) for step in STEPS for state in ("started", "finished")]
    assert (finished.end["kind"], finished.end["status"]) == ("terminal", "completed")


@needs_blast
def test_blast_s_logs_are_told_as_blobs_of_the_run(finished: Finished) -> None:
    chunks = finished.logged("running")
    assert [chunk["sequence"] for chunk in chunks] == list(range(len(chunks)))
    assert [chunk["last"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    blobs = [chunk["blob"] for chunk in chunks if "blob" in chunk]
    assert blobs == [f"{JOB}/1/logs/BLAST_RUNTIME-{n:03d}.out" for n in range(len(finished.outputs()))]


@needs_blast
def test_hits_carry_the_taxids_of_the_sample_database(finished: Finished) -> None:
    rows = [line.split("\t") for line in finished.outputs()[0].splitlines() if not line.startswith("#")]
    assert rows[0][0].endswith("CRU4_ARATH")
    assert rows[0][12] == "3702"


@needs_blast
@pytest.mark.usefixtures("account")
def test_a_database_that_is_not_there_fails_before_anything_is_submitted(tmp_path: Path) -> None:
    run = search(tmp_path, proteins(2), database="no-such-database")
    error = run.end["error"]
    assert run.end["status"] == "failed"
    assert (error["code"], error["exit_code"]) == ("blast_database", 2)
    assert "no-such-database" in error["message"]
    assert run.files["metadata/FAILURE.txt"].decode().strip() == error["message"]
    assert "metadata/SUCCESS.txt" not in run.files
    assert ("staging_db", "failed") in [(event.get("step"), event.get("state")) for event in run.events]


@needs_blast
@pytest.mark.usefixtures("account")
def test_options_that_blast_refuses_fail_with_its_own_words(tmp_path: Path) -> None:
    run = search(tmp_path, proteins(2), options={"word_size": 100})
    error = run.end["error"]
    assert (error["code"], error["exit_code"]) == ("query", 1)
    assert error["message"].startswith("BLAST query/options error: Word-size must be less than 8")
    assert b"run exitCode 000 1\n" in run.files["logs/BLAST_RUNTIME-000.out"]


@needs_blast
@pytest.mark.usefixtures("account")
def test_one_bad_batch_fails_the_run_and_the_others_are_kept(tmp_path: Path) -> None:
    long = f">long\n{'MKVLAAGIVG' * 601}\n"
    run = search(tmp_path, long + ">nothing\n" + long)
    error = run.end["error"]
    assert (error["code"], error["exit_code"]) == ("engine", 3)
    assert "Sequence contains no data" in error["message"]
    assert "BLAST processed 1 queries" in run.outputs()[2]


@pytest.mark.usefixtures("account")
def test_an_option_that_is_not_the_caller_s_is_refused(tmp_path: Path) -> None:
    run = search(tmp_path, proteins(2), options={"out": "/etc/passwd"})
    assert run.end["error"]["code"] == "query"


@pytest.mark.usefixtures("account")
def test_a_query_file_that_is_not_there_fails_the_run(tmp_path: Path) -> None:
    run = search(tmp_path, proteins(2), query="queries/elsewhere.fa")
    assert run.end["error"] == {"code": "query", "message": "there is no query file queries/elsewhere.fa"}


@pytest.mark.usefixtures("account")
def test_without_blast_the_sample_search_gets_its_recorded_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    run = search(tmp_path, sample.query(), options=dict(sample.OPTIONS))
    assert run.end["status"] == "completed"
    assert "recorded" in run.logged("warming_up")[0]["lines"][0]
    assert sum(map(len, run.outputs())) > 20 * 1024 * 1024
    reports = [report for output in run.outputs() for report in json.loads(output)["BlastOutput2"]]
    searched = [report["report"]["results"]["search"]["query_title"] for report in reports]
    assert searched == [record[1:].partition("\n")[0] for record in records(sample.query())]


@pytest.mark.usefixtures("account")
def test_without_blast_any_other_search_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    run = search(tmp_path, proteins(2))
    assert run.end["status"] == "failed"
    assert run.end["error"]["code"] == "blast_not_installed"
