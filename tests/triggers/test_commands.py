"""Cancel, retry, rebuild, delete, keys and the list, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from blast_artifacts.lifecycle import claims
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from blast_artifacts.triggers.results import VIEWS
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.triggers.conftest import App, asked
from tests.triggers.test_http import problem


def ended(status: str = "completed") -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status=status)
    return stands(job)


def test_a_key_replays_the_answer(reader: App) -> None:
    body = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}
    first, second = (
        reader.call("POST", "blast/jobs", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["job_id"] == second.json()["job_id"]
    other = reader.call("POST", "blast/jobs", json={**body, "title": "x"}, headers={"Idempotency-Key": "k1"})
    assert problem(other) == (422, "idempotency_key_reused")
    blank = reader.call("POST", "blast/jobs", json=body, headers={"Idempotency-Key": "a b"})
    assert problem(blank) == (400, "invalid_parameter")


def test_many_submits_at_once_with_one_key_are_one_job(reader: App) -> None:
    body = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}

    def send(_: int) -> requests.Response:
        return reader.call("POST", "blast/jobs", json=body, headers={"Idempotency-Key": "storm"})

    with ThreadPoolExecutor(6) as senders:
        answers = list(senders.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_id"] for answer in answers}) == 1


def test_cancel_retry_and_delete_over_http(reader: App) -> None:
    job_id = reader.submit().json()["job_id"]
    where = f"blast/jobs/{job_id}"
    assert problem(reader.call("POST", f"{where}/retry")) == (409, "not_ended")
    assert reader.call("POST", f"{where}/cancel").json()["status"] == "cancelling"
    job = make_job(JobStatus.FAILED)
    assert problem(reader.call("POST", f"blast/jobs/{job.job_id}/cancel")) == (409, "already_ended")
    assert problem(reader.call("POST", f"blast/jobs/{job.job_id}/retry")) == (409, "adopted")
    assert reader.call("POST", f"blast/jobs/{job.job_id}/rebuild").status_code == 202
    assert reader.call("DELETE", where).status_code == 202
    assert problem(reader.get(where)) == (404, "not_found")
    assert problem(reader.call("DELETE", where)) == (404, "not_found")


@pytest.mark.parametrize("command", ["cancel", "retry", "rebuild", ""])
def test_a_stranger_changes_nothing(reader: App, command: str) -> None:
    job = make_job(JobStatus.COMPLETED)
    where = f"blast/jobs/{job.job_id}/{command}".rstrip("/")
    answer = App(reader.address, "bob").call("POST" if command else "DELETE", where)
    assert problem(answer) == (404, "not_found")
    assert stands(job) == job


def test_the_list_filters_by_status(reader: App) -> None:
    dora = App(reader.address, "dora")
    made = [dora.submit().json()["job_id"] for _ in range(3)]
    dora.call("POST", f"blast/jobs/{made[1]}/cancel")
    cancelling = dora.get("blast/jobs?status=cancelling").json()
    assert [job["job_id"] for job in cancelling["jobs"]] == [made[1]]
    both = dora.get("blast/jobs?status=cancelling,queued").json()
    assert [job["job_id"] for job in both["jobs"]] == made[::-1]
    assert dora.get("blast/jobs?status=failed").json() == {"next_cursor": None, "jobs": []}
    assert problem(dora.get("blast/jobs?status=deleted")) == (400, "invalid_parameter")


@pytest.mark.parametrize("path", VIEWS)
def test_a_small_result_is_read_live_until_its_artifacts_stand(reader: App, path: str) -> None:
    job = ended()
    answer = reader.get(f"blast/jobs/{job.job_id}/{path}")
    assert answer.status_code == 200
    assert (answer.headers["X-Artifact-State"], answer.headers["X-Artifact-Source"]) == ("pending", "live")
    assert answer.json()["job_id"] == job.job_id
    again = reader.get(f"blast/jobs/{job.job_id}/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_many_readers_of_undone_work_ask_once(reader: App) -> None:
    job = make_job(JobStatus.COMPLETED)
    asked()
    with ThreadPoolExecutor(8) as readers:
        answers = list(
            readers.map(lambda _: reader.get(f"blast/jobs/{job.job_id}/results/aggregate"), range(16))
        )
    assert {answer.status_code for answer in answers} == {202}
    assert asked() == [job.job_id]
    body = answers[-1].json()
    assert (body["status"], body["state"]) == ("completed", "pending")
    assert 2 <= int(answers[-1].headers["Retry-After"]) <= 30
    assert answers[-1].headers["Cache-Control"] == "no-store"


def test_what_failed_for_good_says_why(reader: App) -> None:
    job = ended()
    claim = claims.claim(job)
    claim.publish(claim.ended(SentinelStatus.FAILED, "attempts_exhausted", "the disk is full"), [])
    answer = reader.get(f"blast/jobs/{job.job_id}/results/aggregate")
    assert problem(answer) == (409, "artifact_failed")
    assert "the disk is full" in answer.json()["detail"]
