"""The API as a front end meets it, through the host."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
import requests

from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.triggers.results import VIEWS
from shared.settings import settings
from shared.storage import queue
from tests.lifecycle.makers import CASES, make_job, put_results, tell
from tests.triggers.conftest import App

RESULT = "batch_000-blastn-nt.out.gz"


def problem(answer: requests.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def raw(app: App, path: str, encoding: str = "gzip", **headers: str) -> tuple[requests.Response, bytes]:
    """An answer and its body as it came over the wire."""
    answer = app.get(path, headers={"Accept-Encoding": encoding, **headers}, stream=True)
    return answer, answer.raw.read(decode_content=False)


@pytest.fixture(scope="module")
def ready(app: App) -> Job:
    """A finished job of ann's, its artifacts built by the running app."""
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    event = {
        "kind": "terminal",
        "job": job.job_id,
        "run": 1,
        "status": "completed",
        "at": "2026-11-24T10:00:00Z",
    }
    queue(settings().events_queue).send_message(json.dumps(event))
    app.until_ready(job.job_id)
    return job


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_is_the_artifact_as_stored(app: App, ready: Job, path: str) -> None:
    answer, stored = raw(app, f"blast/jobs/{ready.job_id}/{path}")
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert (answer.headers["X-Artifact-State"], answer.headers["X-Artifact-Source"]) == ("ready", "artifact")
    plain_answer, plain = raw(app, f"blast/jobs/{ready.job_id}/{path}", "identity")
    assert gzip.decompress(stored) == plain
    assert plain_answer.headers["ETag"] != answer.headers["ETag"]
    assert json.loads(plain)["job_id"] == ready.job_id


@pytest.mark.parametrize("path", VIEWS)
def test_what_the_caller_has_is_not_sent_again(app: App, ready: Job, path: str) -> None:
    where = f"blast/jobs/{ready.job_id}/{path}"
    etag = raw(app, where)[0].headers["ETag"]
    again, body = raw(app, where, **{"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, body) == (304, b"")
    assert raw(app, where, **{"If-None-Match": '"other"'})[0].status_code == 200


@pytest.mark.parametrize("path", VIEWS)
def test_head_tells_what_get_would(app: App, ready: Job, path: str) -> None:
    where = f"blast/jobs/{ready.job_id}/{path}"
    got, body = raw(app, where)
    head = app.call("HEAD", where, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(body))
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize("path", ["", *(f"/{view}" for view in VIEWS)])
def test_a_stranger_an_unknown_and_a_deleted_job_get_the_same_answer(app: App, ready: Job, path: str) -> None:
    deleted = make_job(JobStatus.DELETED)
    answers = [
        App(app.address, "bob").get(f"blast/jobs/{ready.job_id}{path}"),
        app.get(f"blast/jobs/no-such-job{path}"),
        app.get(f"blast/jobs/{deleted.job_id}{path}"),
        app.get(f"blast/jobs/NOT_AN_ID{path}"),
    ]
    assert {problem(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.content for answer in answers}) == 1


def test_without_a_name_nobody_gets_in(app: App, ready: Job) -> None:
    for path in ("blast/jobs", f"blast/jobs/{ready.job_id}", f"blast/jobs/{ready.job_id}/results"):
        answer = requests.get(f"{app.address}/api/{path}", timeout=60)
        assert problem(answer) == (401, "unauthenticated")


def test_the_summary_tells_every_artifacts_state_and_where_it_is(app: App, ready: Job) -> None:
    body = app.get(f"blast/jobs/{ready.job_id}").json()
    assert body["status"] == "completed"
    assert set(body["artifacts"]) == set(ArtifactType)
    for link in body["links"].values():
        assert (
            requests.get(app.address + link, headers={"X-Local-User": "ann"}, timeout=60).status_code == 200
        )


def test_numbers_are_those_of_the_file(app: App, ready: Job) -> None:
    totals = app.get(f"blast/jobs/{ready.job_id}/results/aggregate").json()["totals"]
    assert {name: totals[name] for name in ("queries", "queries_with_hits", "pairs", "hsps")} == {
        "queries": 5,
        "queries_with_hits": 4,
        "pairs": 9,
        "hsps": 59,
    }
    rows = app.get(f"blast/jobs/{ready.job_id}/results/descriptions").json()["rows"]
    assert (rows[0]["query"], rows[0]["subject"], rows[0]["query_cover_ncbi"]) == ("q1", "subj1", 100)


def test_a_file_of_the_manifest_is_handed_out_as_it_lies(app: App, ready: Job) -> None:
    files = app.get(f"blast/jobs/{ready.job_id}/results").json()["files"]
    (file_id,) = [one["file_id"] for one in files if one["name"].endswith(".out.gz")]
    answer = app.get(f"blast/jobs/{ready.job_id}/results/files/{file_id}")
    assert gzip.decompress(answer.content) == (CASES / "same-search/outfmt7.tsv").read_bytes()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="batch_000-blastn-nt.out.gz"'
    assert (
        App(app.address, "bob").get(f"blast/jobs/{ready.job_id}/results/files/{file_id}").status_code == 404
    )


def test_a_link_is_asked_for_in_one_way(app: App, ready: Job) -> None:
    files = app.get(f"blast/jobs/{ready.job_id}/results").json()["files"]
    where = f"blast/jobs/{ready.job_id}/results/files/{files[0]['file_id']}"
    assert problem(app.get(f"{where}?link=true")) == (400, "invalid_parameter")
    assert app.get(f"{where}?link=1").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        *("nothing.txt", "../2/secret", "/etc/passwd", "a/../../x", "..", "", "a\\b", "a\nb", "a//b"),
        *(f"{RESULT}?comp=metadata", f"{RESULT}#x", f"{RESULT}.", f"{RESULT}/.", f"./{RESULT}", f"/{RESULT}"),
        *(f"x/%2e%2e/{RESULT}", f"x%2f..%2f{RESULT}", f"x/..;/{RESULT}", f".../{RESULT}"),
    ],
)
def test_a_name_that_leads_elsewhere_is_no_file(app: App, ready: Job, name: str) -> None:
    file_id = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=") or "_"
    answer = app.get(f"blast/jobs/{ready.job_id}/results/files/{file_id}")
    assert problem(answer) == (404, "not_found")


def test_a_parameter_that_is_not_known_is_refused_not_ignored(app: App, ready: Job) -> None:
    for path in VIEWS:
        answer = app.get(f"blast/jobs/{ready.job_id}/{path}?maxevalue=1")
        assert problem(answer) == (400, "invalid_parameter")
        assert answer.json()["parameter"] == "maxevalue"


def test_a_request_that_spells_out_defaults_is_the_default_one(app: App, ready: Job) -> None:
    where = f"blast/jobs/{ready.job_id}/results/descriptions"
    spelled = app.get(f"{where}?page_size=100")
    assert spelled.content == app.get(where).content
    assert spelled.headers["X-Artifact-Source"] == "artifact"


def test_a_submitted_job_can_be_followed(app: App) -> None:
    answer = app.submit(title="Mine")
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    assert answer.headers["Location"] == f"/api/blast/jobs/{job_id}"
    assert "Retry-After" in answer.headers
    assert app.get(f"blast/jobs/{job_id}").json()["status"] == "queued"
    assert app.get("blast/jobs").json()["jobs"][0]["job_id"] == job_id
    assert job_id not in App(app.address, "bob").get("blast/jobs").text


def test_a_running_job_shows_its_live_steps_and_no_results_yet(app: App) -> None:
    job = make_job()
    tell(job, "step", step="running", state="started")
    steps = app.get(f"blast/jobs/{job.job_id}/execution-steps")
    assert steps.status_code == 200
    assert (steps.json()["phase"], steps.headers["X-Artifact-Source"]) == ("running", "live")
    results = app.get(f"blast/jobs/{job.job_id}/results/descriptions")
    assert (results.status_code, results.json()["status"], results.json()["state"]) == (
        202,
        "running",
        "missing",
    )
    assert results.headers["Retry-After"]
    assert results.headers["Cache-Control"] == "no-store"


def test_the_list_goes_on_behind_its_cursor(app: App) -> None:
    carl = App(app.address, "carl")
    made = [carl.submit().json()["job_id"] for _ in range(3)]
    first = carl.get("blast/jobs?page_size=2").json()
    assert [job["job_id"] for job in first["jobs"]] == [made[2], made[1]]
    rest = carl.get("blast/jobs", params={"page_size": "2", "cursor": first["next_cursor"]}).json()
    assert [job["job_id"] for job in rest["jobs"]] == [made[0]]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=" + "%D9%A1" * 13 + "_abcdefgh",
        "page_size=0",
        "page_size=101",
        "page_size=x",
        "page_size=0000001",
        "page_size=%D9%A3",
        "page_size=" + "9" * 5000,
    ],
)
def test_a_list_that_cannot_be_had_is_refused(app: App, query: str) -> None:
    assert problem(app.get(f"blast/jobs?{query}")) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "malformed_json")),
        (b"not json", (400, "malformed_json")),
        (b'{"program": "blastz", "database": "nt", "query": ">a"}', (422, "invalid_request")),
        (b'{"program": "blastn", "database": "nt", "query": ""}', (422, "invalid_fasta")),
        (b'{"program": "blastn", "database": "nt", "query": "ACGT"}', (422, "invalid_fasta")),
        (b'{"program": "blastn", "database": "nt", "query": ">a\\nMEQ"}', (422, "invalid_fasta")),
        (b" " * (20 * 1024 * 1024 + 1), (413, "body_too_large")),
    ],
)
def test_a_request_that_is_not_valid_says_why(app: App, body: bytes, expected: tuple[int, str]) -> None:
    before = app.get("blast/jobs").json()["jobs"]
    kind = {"Content-Type": "application/json"}
    assert problem(app.call("POST", "blast/jobs", data=body, headers=kind)) == expected
    assert app.get("blast/jobs").json()["jobs"] == before


def test_what_a_form_of_another_site_can_send_is_refused(app: App) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = app.call("POST", "blast/jobs", data=b"{}", headers={"Content-Type": kind})
        assert problem(answer) == (415, "unsupported_media_type")


def test_a_chunked_body_is_refused_because_it_does_not_arrive(app: App) -> None:
    answer = app.call("POST", "blast/jobs", data=iter([b"{}"]))
    assert problem(answer) == (411, "length_required")


def test_an_address_that_the_host_does_not_take_is_described(app: App) -> None:
    answer = app.get("blast/jobs?cursor=" + "x" * 9000)
    assert (answer.status_code, answer.content) == (414, b"")


def test_health_says_that_all_is_there(app: App) -> None:
    answer = requests.get(f"{app.address}/api/health", timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy", "faults": {}})


def test_no_answer_names_storage(app: App, ready: Job) -> None:
    texts: list[Any] = [app.get(f"blast/jobs/{ready.job_id}").text]
    texts += [app.get(f"blast/jobs/{ready.job_id}/{path}").text for path in VIEWS]
    for text in texts:
        assert "devstoreaccount1" not in text
        assert "127.0.0.1" not in text
