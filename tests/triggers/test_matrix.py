"""Every route of the app x whoever may knock: the exact status. A new route fails here until it is listed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

import function_app
from blast_artifacts.lifecycle import finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from blast_artifacts.triggers.access import DOORS, Needs
from shared.identity import READ_ALL
from tests.conftest import app_settings, fresh_account
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.local.host.running import ROOT, running_host
from tests.triggers.contract import contract

TENANT = "11111111-2222-3333-4444-555555555555"
ANN, BOB, READER = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "abc")
OWNER = f"{TENANT}.{ANN}"

FILE_ID = base64.urlsafe_b64encode(b"batch_000-blastn-nt.out.gz").decode().rstrip("=")
JOB = "/blast/jobs/{job_id}"
SUBMITTED = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}

WHO = ("anonymous", "forged", "stranger", "owner", "reader", "owner of a deleted job")
OPEN = (200, 200, 200, 200, 200, 200)
OWN = (401, 401, 200, 200, 200, 200)
READ = (401, 401, 404, 200, 200, 404)

MATRIX: dict[tuple[str, str], tuple[int, ...]] = {
    ("POST", "/blast/jobs"): (401, 401, 202, 202, 202, 202),
    ("GET", "/blast/jobs"): OWN,
    ("GET", JOB): READ,
    ("DELETE", JOB): (401, 401, 404, 202, 404, 404),
    ("POST", f"{JOB}/cancel"): (401, 401, 404, 409, 404, 404),
    ("POST", f"{JOB}/retry"): (401, 401, 404, 409, 404, 404),
    ("POST", f"{JOB}/rebuild"): (401, 401, 404, 202, 404, 404),
    ("GET", f"{JOB}/execution-steps"): READ,
    ("HEAD", f"{JOB}/execution-steps"): READ,
    ("GET", f"{JOB}/execution-steps/logs/{{step}}"): READ,
    ("GET", f"{JOB}/execution-steps/logs/{{step}}/{{sequence}}"): READ,
    ("GET", f"{JOB}/results"): READ,
    ("HEAD", f"{JOB}/results"): READ,
    ("GET", f"{JOB}/results/aggregate"): READ,
    ("HEAD", f"{JOB}/results/aggregate"): READ,
    ("GET", f"{JOB}/results/queries"): READ,
    ("HEAD", f"{JOB}/results/queries"): READ,
    ("GET", f"{JOB}/results/descriptions"): READ,
    ("HEAD", f"{JOB}/results/descriptions"): READ,
    ("GET", f"{JOB}/results/alignments"): READ,
    ("HEAD", f"{JOB}/results/alignments"): READ,
    ("GET", f"{JOB}/results/taxonomy"): READ,
    ("HEAD", f"{JOB}/results/taxonomy"): READ,
    ("GET", f"{JOB}/results/graphic"): READ,
    ("HEAD", f"{JOB}/results/graphic"): READ,
    ("GET", f"{JOB}/results/export"): READ,
    ("HEAD", f"{JOB}/results/export"): READ,
    ("GET", f"{JOB}/results/files/{{file_id}}"): READ,
    ("HEAD", f"{JOB}/results/files/{{file_id}}"): READ,
    ("GET", "/health"): OPEN,
    ("GET", "/openapi.json"): OPEN,
}

ASKED = {f"{JOB}/results/export": "?table=queries"}
"""What a route cannot do without."""


def routes() -> set[tuple[str, str]]:
    """(method, path) of every HTTP function, as the worker is told of them."""
    return {(str(method), f"/{one['route']}") for one in TRIGGERS.values() for method in one["methods"]}


# An app lists its functions once.
FUNCTIONS = {
    str(function.get_function_name()): function
    for function in function_app.app.get_functions()
    if function.is_http_function()
}
TRIGGERS: dict[str, dict[str, Any]] = {
    name: function.get_trigger().get_dict_repr()  # type: ignore[union-attr]
    for name, function in FUNCTIONS.items()
}


def test_every_route_is_listed() -> None:
    assert routes() == set(MATRIX)


def test_every_http_function_has_a_door() -> None:
    assert set(FUNCTIONS) == set(DOORS)
    for name, door in DOORS.items():
        assert FUNCTIONS[name].get_user_function().__module__ == "blast_artifacts.triggers.access"
        is_open = name in ("health", "read_openapi")
        assert (door.needs is Needs.NOTHING) == is_open
        assert (door.needs in (Needs.READER, Needs.OWNER)) == ("{job_id}" in TRIGGERS[name]["route"])


def principal(subject: str, *roles: str) -> dict[str, str]:
    """The header that the platform adds, in the spelling with long claim names."""
    names = "http://schemas.microsoft.com/identity/claims/"
    claims = [(f"{names}tenantid", TENANT), (f"{names}objectidentifier", subject)]
    claims += [("roles", role) for role in roles]
    body = {"auth_typ": "aad", "claims": [{"typ": name, "val": value} for name, value in claims]}
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(body).encode()).decode()}


@dataclass
class Doors:
    """The app behind Easy Auth, and one where that is off; `published` is a job with all its artifacts."""

    behind_easy_auth: str
    without: str
    published: Job

    def knock(self, who: str, method: str, path: str, job_id: str) -> requests.Response:
        address = self.without if who == "forged" else self.behind_easy_auth
        headers = {
            "anonymous": {"X-Local-User": "ann"},
            "forged": principal(ANN, READ_ALL),
            "stranger": principal(BOB),
            "owner": principal(ANN),
            "reader": principal(READER, READ_ALL),
            "owner of a deleted job": principal(ANN),
        }[who]
        filled = path.format(job_id=job_id, step="running", sequence="0", file_id=FILE_ID)
        filled += ASKED.get(path, "")
        body = SUBMITTED if (method, path) == ("POST", "/blast/jobs") else None
        answer = requests.request(method, f"{address}/api{filled}", headers=headers, json=body, timeout=30)
        contract(address).check(method, filled, answer)
        return answer


@pytest.fixture(scope="module")
def doors(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    logs = tmp_path_factory.mktemp("hosts")
    values = {**fresh_account(azurite), "AUTH_MODE": "easyauth"}
    behind = {**values, "WEBSITE_AUTH_ENABLED": "True"}
    with (
        app_settings(values),
        running_host(ROOT, logs / "behind.log", "http", behind) as trusting,
        running_host(ROOT, logs / "without.log", "http", values) as wary,
    ):
        job = make_job(JobStatus.RUNNING, owner=OWNER)
        put_results(job)
        tell(job, "log", step="running", sequence=0, lines=["x"])
        tell(job, "terminal", status="completed")
        assert finalizer.finalize(stands(job)) == "published"
        yield Doors(trusting.address, wary.address, job)


@pytest.mark.parametrize(("method", "path"), MATRIX, ids=" ".join)
def test_every_route_lets_in_exactly_who_belongs(doors: Doors, method: str, path: str) -> None:
    seen = []
    for who in WHO:
        if who == "owner of a deleted job":
            job = make_job(JobStatus.DELETED, owner=OWNER)
        elif method in ("GET", "HEAD"):
            job = doors.published
        else:
            job = make_job(JobStatus.COMPLETED, owner=OWNER)
        seen.append(doors.knock(who, method, path, job.job_id).status_code)
    assert dict(zip(WHO, seen, strict=True)) == dict(zip(WHO, MATRIX[method, path], strict=True))


CHANGING = [route for route in MATRIX if route[0] not in ("GET", "HEAD")]
COOKIE = {"Cookie": "AppServiceAuthSession=x"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("sent", [{}, FORM], ids=["no-body", "form"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(("method", "path"), CHANGING, ids=" ".join)
def test_no_page_of_another_site_changes_anything_with_a_cookie(
    doors: Doors, method: str, path: str, site: str, sent: dict[str, str]
) -> None:
    job = make_job(JobStatus.COMPLETED, owner=OWNER)
    headers = {**principal(ANN), **COOKIE, **sent, "Sec-Fetch-Site": site}
    address = f"{doors.behind_easy_auth}/api{path.format(job_id=job.job_id)}"
    answer = requests.request(method, address, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert stands(job) == job


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer x"},
        {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"},
    ],
    ids=["same-origin", "no-page", "token", "json"],
)
def test_a_page_that_is_let_in_by_its_origin_changes_what_its_caller_may(
    doors: Doors, sent: dict[str, str]
) -> None:
    job = make_job(JobStatus.COMPLETED, owner=OWNER)
    address = f"{doors.behind_easy_auth}/api/blast/jobs/{job.job_id}"
    headers = {**principal(ANN), **COOKIE, **sent}
    assert requests.delete(address, headers=headers, timeout=30).status_code == 202


def test_another_site_may_read_no_more_than_cors_lets_it(doors: Doors) -> None:
    address = f"{doors.behind_easy_auth}/api/blast/jobs/{doors.published.job_id}"
    headers = {**principal(ANN), **COOKIE, "Sec-Fetch-Site": "cross-site"}
    answer = requests.get(address, headers=headers, timeout=30)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in {name.lower() for name in answer.headers}
    assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
