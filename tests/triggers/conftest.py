"""The app itself, run by the host stand-in, with its storage open to the test as well."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from shared.settings import settings
from shared.storage import queue
from tests.conftest import app_settings, fresh_account
from tests.local.host.running import MASTER, ROOT, running_host, until
from tests.triggers.contract import contract


@dataclass
class App:
    """The running app as the user `user` sees it."""

    address: str
    user: str = "ann"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """An answer, which must be one that openapi.json allows; with `stream` the body is not looked at."""
        headers = {"X-Local-User": self.user, **options.pop("headers", {})}
        answer = requests.request(
            method,
            f"{self.address}/api/{path}",
            headers=headers,
            timeout=30,
            allow_redirects=False,
            **options,
        )
        if not options.get("stream"):
            contract(self.address).check(method, f"/{path}", answer)
        return answer

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def submit(self, **changes: Any) -> requests.Response:
        body = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n", **changes}
        return self.call("POST", "blast/jobs", json=body)

    def fire(self, function: str) -> None:
        """Run a timer or queue function as an operator does."""
        answer = requests.post(
            f"{self.address}/admin/functions/{function}",
            json={"input": ""},
            headers={"x-functions-key": MASTER},
            timeout=30,
        )
        assert answer.status_code == 202

    def until_ready(self, job_id: str) -> None:
        def ready() -> bool:
            states = self.get(f"blast/jobs/{job_id}").json()["artifacts"].values()
            return all(one["state"] == "ready" for one in states)

        until(ready)


@pytest.fixture(scope="module")
def app(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The whole app in one host, every role."""
    values = fresh_account(azurite)
    log = tmp_path_factory.mktemp("host") / "host.log"
    with app_settings(values), running_host(ROOT, log, "all", values) as host:
        assert host.address, host.log
        yield App(host.address)


@pytest.fixture(scope="module")
def reader(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The HTTP role alone: nobody builds what is asked for."""
    values = fresh_account(azurite)
    log = tmp_path_factory.mktemp("http") / "host.log"
    with app_settings(values), running_host(ROOT, log, "http", values) as host:
        yield App(host.address)


def asked() -> list[str]:
    """The jobs that the messages of the artifacts queue are about."""
    return [json.loads(text)["job"] for text in taken()]


def taken() -> list[bytes]:
    """The messages of the artifacts queue, which are then out of it."""
    messages = queue(settings().artifacts_queue).receive_messages(visibility_timeout=300)
    return [base64.b64decode(message.content) for message in messages]
