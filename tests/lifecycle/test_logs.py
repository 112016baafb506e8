from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from blast_artifacts.lifecycle import logs, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import INLINE_BYTES, LogEvent
from blast_artifacts.terms import JobStatus
from shared import rows
from shared.settings import MIB, settings
from shared.storage import container, table
from tests.lifecycle.makers import make_job, stands, tell


def event(job: Job, **fields: Any) -> LogEvent:
    given = {"step": "running", "sequence": 0, **fields}
    if "blob" not in given:
        given.setdefault("lines", ["a"])
    return LogEvent.model_validate({"kind": "log", "job": job.job_id, "run": job.run, **given})


def put(job: Job, name: str, content: bytes) -> str:
    """Write a blob below the job's results prefix; gives its path in the container."""
    container_name, _, folder = job.results_prefix.partition("/")
    container(container_name).upload_blob(folder + name, content)
    return folder + name


def lines_of(job: Job, sequence: int = 0, step: str = "running") -> list[str]:
    found = logs.chunk(job, step, sequence)
    assert found is not None
    assert found["state"] == "whole"
    return list(found["lines"])


def test_lines_are_kept_without_terminal_codes(account: None) -> None:
    job = make_job()
    assert logs.record(event(job, lines=["\x1b[31mred\x1b[0m", "", "10 %\r20 %"]))
    assert lines_of(job) == ["red", "", "10 %", "20 %"]


def test_a_chunk_is_stored_as_gzip_json_under_its_number(account: None) -> None:
    job = make_job()
    logs.record(event(job, sequence=7, step="Über-Step"))
    name = steps.step_name("Über-Step")
    path = f"{job.job_id}/1/execution-steps/logs/{name}/000007.json.gz"
    blob = container(settings().artifacts_container).download_blob(path, decompress=False)
    assert json.loads(gzip.decompress(bytes(blob.readall()))) == {"lines": ["a"]}
    kind = blob.properties.content_settings
    assert (kind.content_type, kind.content_encoding) == ("application/json", "gzip")
    assert lines_of(job, 7, step=name) == ["a"]


def test_a_chunk_that_comes_twice_is_kept_once(account: None) -> None:
    job = make_job()
    assert logs.record(event(job, lines=["first"], last=True))
    assert logs.record(event(job, lines=["second"], last=True))
    assert lines_of(job) == ["first"]
    assert logs.index(job, "running")["count"] == 1


def test_the_index_says_what_is_missing_until_the_set_is_whole(account: None) -> None:
    job = make_job()
    for sequence in (1, 4):
        logs.record(event(job, sequence=sequence))
    seen = logs.index(job, "running")
    assert (seen["last"], seen["whole"]) == (None, False)
    assert seen["missing"] == [{"from": 0, "to": 0}, {"from": 2, "to": 3}]
    logs.record(event(job, sequence=6, last=True))
    assert logs.index(job, "running")["missing"][-1] == {"from": 5, "to": 5}
    for sequence in (5, 0, 3, 2):
        assert logs.index(job, "running")["whole"] is False
        logs.record(event(job, sequence=sequence))
    seen = logs.index(job, "running")
    assert (seen["last"], seen["whole"], seen["missing"], seen["count"]) == (6, True, [], 7)
    assert seen["chunks"][2]["sequence"] == 2
    assert seen["chunks"][2]["bytes"] > 0
    assert seen["chunks"][2]["href"] == f"/api/blast/jobs/{job.job_id}/execution-steps/logs/running/2"


def test_without_an_announced_end_nothing_is_called_whole(account: None) -> None:
    job = make_job()
    logs.record(event(job))
    assert logs.index(job, "running")["whole"] is False
    seen = logs.index(job, "preparing")
    assert (seen["last"], seen["whole"], seen["chunks"], seen["missing"]) == (None, False, [], [])


def test_an_announced_end_alone_leaves_all_before_it_missing(account: None) -> None:
    job = make_job()
    steps.announce_last(job, "running", 999_999)
    seen = logs.index(job, "running")
    assert (seen["whole"], seen["missing"]) == (False, [{"from": 0, "to": 999_999}])


def test_of_several_announced_ends_the_highest_holds(account: None) -> None:
    job = make_job()
    for sequence in (3, 5, 4):
        logs.record(event(job, sequence=sequence, last=True))
    assert logs.index(job, "running")["last"] == 5


def test_the_announced_end_leaves_the_time_line_as_it_was(account: None) -> None:
    job = make_job()
    tell(job, "step", step="running", state="started")
    tell(job, "terminal", status="completed")
    before = steps.time_line(stands(job))
    for step in ("running", "preparing", "an unknown one"):
        assert logs.record(event(job, step=step, last=True))
    assert steps.time_line(stands(job)) == before
    tell(job, "step", step="running", state="finished")
    assert logs.index(job, "running")["last"] == 0


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_lines_that_come_after_the_end_are_kept(account: None, status: JobStatus) -> None:
    job = make_job(status)
    assert logs.record(event(job, lines=["late"], last=True))
    assert lines_of(job) == ["late"]
    assert stands(job) == job


def test_lines_of_a_deleted_or_unknown_job_or_another_run_are_refused(account: None) -> None:
    deleted, second = make_job(JobStatus.DELETED), make_job(run=2)
    refused = [
        deleted,
        replace(deleted, job_id="unknown-job"),
        replace(second, run=1),
        replace(second, run=3),
    ]
    assert [logs.record(event(job, last=True)) for job in refused] == [False] * 4
    assert list(container(settings().artifacts_container).list_blob_names()) == []
    assert rows.find(table(settings().job_state_table), second.job_id, steps.STEPS_KEY) is None


def test_a_late_end_of_an_older_run_leaves_the_steps_of_the_newer_one(account: None) -> None:
    job = make_job(run=2)
    tell(job, "step", step="running", state="started")
    steps.announce_last(replace(job, run=1), "running", 4)
    assert steps.last_announced(job, "running") is None
    assert steps.time_line(stands(job))["steps"][5]["state"] == "started"


def test_a_blob_is_read_where_it_lies(account: None) -> None:
    job = make_job()
    text = b"1 run start\n\x1b[1m2 run end\xff\n"
    plain, packed = put(job, "logs/a.out", text), put(job, "logs/a.out.gz", gzip.compress(text, mtime=0))
    empty = put(job, "logs/empty.out", b"")
    for sequence, blob in enumerate((plain, packed, empty)):
        assert logs.record(event(job, sequence=sequence, blob=blob))
    assert lines_of(job, 0) == lines_of(job, 1) == ["1 run start", "2 run end\ufffd"]
    assert lines_of(job, 2) == []


@pytest.mark.parametrize("inflates", [False, True])
def test_a_large_blob_is_cut_and_said_to_be(
    account: None, inflates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert logs.BLOB_BYTES == 8 * MIB
    monkeypatch.setattr(logs, "BLOB_BYTES", 8192)
    job = make_job()
    text = b"0123456\n" * 1025
    blob = put(job, "logs/a", gzip.compress(text * 20, compresslevel=1, mtime=0) if inflates else text)
    logs.record(event(job, blob=blob))
    found = logs.chunk(job, "running", 0)
    assert found is not None
    assert (found["state"], len(found["lines"])) == ("cut", 1024)


@pytest.mark.parametrize(
    ("end", "state", "lines"), [(b"\r\n", "cut", 5), (b"", "whole", 5), (b"x", "cut", 5)]
)
def test_a_blob_of_very_many_lines_is_cut(
    account: None, end: bytes, state: str, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "BLOB_LINES", 5)
    job = make_job()
    logs.record(event(job, blob=put(job, "logs/a", b"a\rb\r\n\n\nc\n" + end)))
    found = logs.chunk(job, "running", 0)
    assert found is not None
    assert (found["state"], found["lines"]) == (state, ["a", "b", "", "", "c"][:lines])


def test_a_damaged_blob_is_not_called_whole(account: None) -> None:
    job = make_job()
    blob = put(job, "logs/a.gz", gzip.compress(b"some line\n" * 9, mtime=0)[:-8])
    logs.record(event(job, blob=blob))
    found = logs.chunk(job, "running", 0)
    assert found is not None
    assert (found["state"], found["lines"][0]) == ("cut", "some line")


def test_a_blob_that_is_gone_is_said_to_be(account: None) -> None:
    job = make_job()
    logs.record(event(job, blob=put(job, "logs/a", b"x")))
    container_name, _, folder = job.results_prefix.partition("/")
    container(container_name).delete_blob(f"{folder}logs/a")
    found = logs.chunk(job, "running", 0)
    assert found is not None
    assert (found["state"], found["lines"]) == ("blob_missing", [])


def test_a_blob_outside_of_the_results_of_the_run_is_refused(account: None) -> None:
    job = make_job()
    own, neighbour = f"{job.job_id}/1", f"{job.job_id}0/1"
    refused = [
        *(f"{neighbour}/a", f"{own}0/a", f"{job.job_id}/2/a", own, f"{own}/", f"/{own}/a", f"{own}//a"),
        *(f"{own}/../../other/a", f"{own}/./a", f"{own}/..\\a", f"{own}/%2e%2e/a", f"{own}/a?b=c"),
        *(f"{own}/a\n", f"https://elsewhere.example/{own}/a", f"{settings().results_container}/{own}/a"),
    ]
    assert [blob for blob in refused if logs.record(event(job, blob=blob, last=True))] == []
    assert logs.index(job, "running")["chunks"] == []
    assert logs.index(job, "running")["last"] is None
    assert logs.record(event(job, blob=f"{own}/a..b/c d.out"))


def test_the_blob_of_an_adopted_job_lies_below_its_own_prefix(account: None) -> None:
    job = make_job(results_prefix=f"{settings().results_container}/2026/run7/")
    assert logs.record(event(job, blob=put(job, "logs/a", b"x\n")))
    assert lines_of(job) == ["x"]
    assert not logs.record(event(job, sequence=1, blob="2026/run70/logs/a"))


@pytest.mark.parametrize("sequence", [1, -1, 1_000_000])
def test_there_is_no_chunk_that_nobody_sent(account: None, sequence: int) -> None:
    job = make_job()
    logs.record(event(job))
    assert logs.chunk(job, "running", sequence) is None
    assert logs.chunk(job, "../running", 0) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": None},
        {"lines": ["a"], "blob": "b"},
        {"lines": ["ü" * (INLINE_BYTES // 2)]},
        {"lines": [""] * (INLINE_BYTES + 1)},
        {"lines": "a"},
        {"blob": ""},
        {"blob": "a" * 1025},
        {"sequence": -1},
        {"sequence": 1_000_000},
        {"step": ""},
        {"owner": "me"},
        {"kind": "step"},
    ],
)
def test_what_is_no_log_event_is_refused(fields: dict[str, Any]) -> None:
    given = {"kind": "log", "job": "12345678", "run": 1, "step": "running", "sequence": 0, "lines": ["a"]}
    if "blob" in fields:
        given |= {"lines": None}
    with pytest.raises(ValidationError):
        LogEvent.model_validate({**given, **fields})


def test_32_kib_of_lines_are_taken(account: None) -> None:
    job = make_job()
    assert logs.record(event(job, lines=["x" * (INLINE_BYTES - 1)]))
    assert len(lines_of(job)[0]) == INLINE_BYTES - 1
