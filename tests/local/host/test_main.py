from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.local.host.running import APPS, ROOT, RunningHost, running_host


def begin(host: RunningHost, path: str) -> http.client.HTTPConnection:
    """Send a request and leave its answer for later."""
    connection = http.client.HTTPConnection(urlsplit(host.address).netloc, timeout=60)
    connection.request("GET", path)
    time.sleep(0.2)
    return connection


def test_sigterm_ends_the_host_at_once_with_status_zero(tmp_path: Path) -> None:
    with running_host("http", tmp_path / "log") as host, requests.Session() as session:
        assert session.get(f"{host.address}/api/nameless", timeout=60).status_code == 200
        began = time.monotonic()
        assert host.stop() == 0
        assert time.monotonic() - began < 1.5
        assert "Traceback" not in host.log


def test_a_call_under_way_has_a_second_to_end_after_ctrl_c(tmp_path: Path) -> None:
    with running_host("http", tmp_path / "log") as host:
        connection = begin(host, "/api/slow/0.6")
        host.process.send_signal(signal.SIGINT)
        assert connection.getresponse().read() == b"woke"
        connection.close()
        assert host.process.wait(timeout=60) == 0
        assert "Traceback" not in host.log


def test_a_call_that_takes_longer_is_left(tmp_path: Path) -> None:
    with running_host("http", tmp_path / "log") as host:
        connection = begin(host, "/api/slow/20")
        began = time.monotonic()
        assert host.stop() == 0
        assert time.monotonic() - began < 3
        assert "1 calls under way" in host.log
        connection.close()


def test_function_timeout_ends_the_process(tmp_path: Path) -> None:
    limit = {"AzureFunctionsJobHost__functionTimeout": "00:00:00.5"}
    with running_host("http", tmp_path / "log", settings=limit) as host:
        assert requests.get(f"{host.address}/api/nameless", timeout=60).status_code == 200
        connection = begin(host, "/api/slow/20")
        assert host.process.wait(timeout=60) == 1
        assert "functionTimeout" in host.log
        connection.close()


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "local.host", "--app", str(APPS / "http")]
        command += ["--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "in use" in ended.stderr
    assert ended.stdout == ""


def test_help_says_what_is_left_out() -> None:
    command = [sys.executable, "-m", "local.host", "--help"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True).stdout
    for word in ("scaling", "leases", "retry", "throttles", "functionTimeout", "ARTIFACTS_QUEUE"):
        assert word in said


@pytest.fixture(scope="module")
def unset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """A host without keys, whose local.settings.json allows one origin."""
    folder = tmp_path_factory.mktemp("unset")
    for name in ("host.json", "function_app.py"):
        (folder / name).write_bytes((APPS / "http" / name).read_bytes())
    (folder / "local.settings.json").write_text(
        '{"IsEncrypted": false, "Values": {}, "Host": {"CORS": "http://page.example"}}', encoding="utf-8"
    )
    keys = {"LOCAL_HOST_FUNCTION_KEY": "", "LOCAL_HOST_MASTER_KEY": ""}
    with running_host(folder, folder / "log", settings=keys) as host:
        yield host


def test_keys_are_made_at_random_and_said_where_none_are_set(unset: RunningHost) -> None:
    assert unset.address
    (line,) = (line for line in unset.log.splitlines() if "LOCAL_HOST_FUNCTION_KEY" in line)
    key = {"x-functions-key": line.split()[-1]}
    assert requests.get(f"{unset.address}/api/keyed", headers=key, timeout=60).status_code == 200
    assert requests.get(f"{unset.address}/api/admins", headers=key, timeout=60).status_code == 401


def test_a_browser_of_an_allowed_origin_may_call(unset: RunningHost) -> None:
    preflight = {"Origin": "http://page.example", "Access-Control-Request-Method": "GET"}
    allowed = requests.options(f"{unset.address}/api/nameless", headers=preflight, timeout=60)
    assert allowed.headers["Access-Control-Allow-Origin"] == "http://page.example"
    other = {"Origin": "http://other.example"}
    refused = requests.get(f"{unset.address}/api/nameless", headers=other, timeout=60)
    assert "Access-Control-Allow-Origin" not in refused.headers
