"""Whatever openapi.json allows, and much that it does not, asked of the running app by Schemathesis."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from blast_artifacts.lifecycle import finalizer
from blast_artifacts.terms import JobStatus
from tests.conftest import app_settings, fresh_account
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.local.host.running import ROOT, running_host
from tests.triggers.test_matrix import FILE_ID

SETTINGS = """
request-timeout = 30.0
headers = {{ X-Local-User = "ann" }}

[dictionaries]
read = {{ values = ["{published}"] }}
changed = {{ values = ["{ended}", "{running}"] }}
step = {{ values = ["running"] }}
sequence = {{ values = ["0"] }}
file = {{ values = ["{file}"] }}

[[operations]]
include-method = ["GET", "HEAD"]
[operations.parameters]
"path.job_id" = {{ dictionary = "read", probability = 0.9 }}
"path.step" = {{ dictionary = "step", probability = 0.7 }}
"path.sequence" = {{ dictionary = "sequence", probability = 0.7 }}
"path.file_id" = {{ dictionary = "file", probability = 0.7 }}

[[operations]]
include-method = ["POST", "DELETE"]
[operations.parameters]
"path.job_id" = {{ dictionary = "changed", probability = 0.5 }}

[checks]
negative_data_rejection.expected-statuses = [400, 401, 404, 409, 410, 411, 413, 414, 415, 422, 503]
ignored_auth.enabled = false
unsupported_method.enabled = false
positive_data_acceptance.enabled = false
"""
"""Any name is somebody in local mode, the host answers 404 to a method that is none, and a cursor of the
right shape need not be one."""


@dataclass
class Asked:
    """The app, with jobs in it that the settings name."""

    address: str
    log: Path
    settings: Path

    def schemathesis(self, *words: str) -> str:
        """What it prints, which ends well where it found nothing."""
        said = self.settings.parent / "said"
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(self.settings), "run"]
        command += [f"{self.address}/api/openapi.json", "--url", f"{self.address}/api", "--no-color", *words]
        with said.open("w", encoding="utf-8") as output:
            done = subprocess.run(command, cwd=self.settings.parent, stdout=output, check=False)
        assert done.returncode == 0, said.read_text("utf-8")[-20_000:]
        return said.read_text("utf-8")


@pytest.fixture(scope="module")
def asked(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("schemathesis")
    values = fresh_account(azurite)
    with app_settings(values), running_host(ROOT, folder / "host.log", "http", values) as host:
        published = make_job(JobStatus.RUNNING)
        put_results(published)
        tell(published, "log", step="running", sequence=0, lines=["x"])
        tell(published, "terminal", status="completed")
        assert finalizer.finalize(stands(published)) == "published"
        names = {"published": published.job_id, "file": FILE_ID}
        names["running"] = make_job(JobStatus.RUNNING).job_id
        names["ended"] = make_job(JobStatus.COMPLETED).job_id
        settings = folder / "schemathesis.toml"
        settings.write_text(SETTINGS.format(**names), encoding="utf-8")
        yield Asked(host.address, folder / "host.log", settings)


def requests_made(said: str) -> int:
    """How many requests were generated, and none of them failed."""
    found = re.search(r"(\d+) generated", said)
    assert found, said[-2000:]
    return int(found[1])


def ask(app: Asked, most: int, seed: int) -> int:
    """How many requests were answered as the document says, at most `most` of each operation."""
    words = ("--phases", "fuzzing", "--max-examples", str(most), "--workers", "2", "--seed", str(seed))
    made = requests_made(app.schemathesis(*words))
    assert '"outcome":"raised"' not in app.log.read_text("utf-8")
    return made


def test_no_request_is_answered_with_what_is_not_described(asked: Asked) -> None:
    assert ask(asked, 4, seed=1) > 100


@pytest.mark.nightly
def test_nor_is_any_of_twenty_thousand(asked: Asked) -> None:
    made = sum(ask(asked, 250, seed) for seed in range(2, 7))
    assert made >= 20_000
