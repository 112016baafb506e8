"""What Azure runs: the package alone, in an account without keys, behind Easy Auth."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from blast_artifacts.lifecycle import jobs
from local.package import package
from local.setup import ROOT
from shared.settings import settings
from shared.storage import queue
from tests.conftest import app_settings, fresh_names
from tests.infra.bicep import INFRA
from tests.keyless import OBJECT, TENANT, deploy
from tests.lifecycle.makers import put_results
from tests.local.host.running import RunningHost, running_host, until

COLD_SECONDS = 2.0

COLD = """
import json, sys, time

def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__":
        raise RuntimeError(f"{event} at import")

sys.addaudithook(refuse)
import function_app
ours = {name: sys.modules[name].__file__ for name in sys.modules if name.partition(".")[0] in
        ("function_app", "blast_artifacts", "shared")}
print(json.dumps({"seconds": time.process_time(), "modules": list(sys.modules), "ours": ours}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    assert package(folder / "app.zip") == 0
    with zipfile.ZipFile(folder / "app.zip") as archive:
        archive.extractall(folder / "app")
    return folder / "app"


def test_there_is_the_app_and_nothing_else(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {
        *("function_app.py", "host.json", "requirements.txt", "blast_artifacts", "shared")
    }
    assert not list(unpacked.rglob("*test*"))
    assert not list(unpacked.rglob("*.pyc"))


def test_azd_deploys_the_same_files(unpacked: Path) -> None:
    def listed(*flags: str) -> set[str]:
        done = subprocess.run(
            ["git", "ls-files", *flags], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return set(done.stdout.splitlines())

    left = listed("-c", "-o", "--exclude-standard") - listed("-c", "-o", "-i", "--exclude-from=.funcignore")
    assert left == {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "other.zip"):
        package(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_a_cold_start_asks_nobody_and_is_over_soon(unpacked: Path) -> None:
    """In seconds of the processor, so that a busy machine does not count."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COLD], cwd=unpacked, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["seconds"] < COLD_SECONDS
    assert {Path(file).is_relative_to(unpacked) for file in found["ours"].values()} == {True}
    heavy = {"polars", "azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.identity"}
    assert heavy.isdisjoint(found["modules"])


@pytest.fixture(scope="module")
def deployed(
    unpacked: Path, keyless: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHost]:
    """The package under the host, with nothing of this project but the host itself."""
    values = {**keyless, **fresh_names(), "WEBSITE_AUTH_ENABLED": "true", "AUTH_MODE": "easyauth"}
    log = tmp_path_factory.mktemp("deployed") / "host.log"
    with app_settings(values):
        deploy()
        with running_host(unpacked, log, "all", values, cwd=unpacked) as host:
            yield host


def principal() -> dict[str, str]:
    """What Easy Auth puts before the app."""
    claims = [{"typ": "tid", "val": TENANT}, {"typ": "oid", "val": OBJECT}]
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps({"claims": claims}).encode()).decode()}


def lines(host: RunningHost) -> list[dict[str, Any]]:
    """The lines of actions in the host's log, with the invocation of each."""
    found = re.findall(r"INFO actions \[(\S+)\] (\{.*\})$", host.log, re.M)
    return [{"invocation": invocation, **json.loads(text)} for invocation, text in found]


def asked_by(query: str) -> set[str]:
    """The fields of a line that a saved query reads."""
    text = (INFRA / "queries" / f"{query}.kql").read_text("utf-8")
    return set(re.findall(r"\bline\.(\w+)", text))


def test_a_job_goes_its_whole_road_by_identity(deployed: RunningHost) -> None:
    api = f"{deployed.address}/api"
    assert requests.get(f"{api}/health", timeout=30).json() == {"status": "healthy", "faults": {}}
    assert requests.get(f"{api}/blast/jobs", timeout=30).status_code == 401

    body = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}
    submitted = requests.post(f"{api}/blast/jobs", json=body, headers=principal(), timeout=30)
    assert submitted.status_code == 202, submitted.text
    job_id = submitted.json()["job_id"]
    job = jobs.get_summary(job_id)
    assert job is not None
    put_results(job)
    ended = {"kind": "terminal", "job": job_id, "run": 1, "status": "completed", "at": job.created_at}
    queue(settings().events_queue).send_message(json.dumps(ended))

    def aggregate() -> requests.Response:
        address = f"{api}/blast/jobs/{job_id}/results/aggregate"
        return requests.get(address, headers=principal(), timeout=30)

    until(lambda: aggregate().headers.get("X-Artifact-Source") == "artifact")
    assert aggregate().json()["totals"]["hsps"] == 59
    # What was published is there before the line that tells of it.
    until(lambda: {"http", "event", "finalize"} <= {line["action"] for line in lines(deployed)})
    told = {line["action"]: line for line in lines(deployed)}
    assert (told["finalize"]["job"], told["finalize"]["outcome"]) == (job_id, "published")
    assert told["event"]["queued_seconds"] >= 0
    assert told["http"]["function"] == "read_result_aggregate"
    for query, action in (
        ("artifact-hits", "http"),
        ("build-throughput", "finalize"),
        ("queue-age", "event"),
    ):
        assert asked_by(query) <= told[action].keys()
    assert "-" not in {line["invocation"] for line in told.values()}
