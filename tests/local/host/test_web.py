from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.local.host.running import FUNCTION, MASTER, RunningHost, running_host, until

GUID = "5F0C0000-0000-0000-0000-00000000000a"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    settings = {"AzureWebJobs.turned_off.Disabled": "true"}
    with running_host("http", tmp_path_factory.mktemp("http") / "log", settings=settings) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture(scope="module")
def api(host: RunningHost) -> Iterator[Api]:
    with requests.Session() as session:
        yield Api(host.address, session)


class Api:
    def __init__(self, address: str, session: requests.Session) -> None:
        self.address = address
        self._session = session

    def __call__(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        return self._session.request(method, self.address + path, timeout=20, **options)


def raw_request(host: RunningHost, head: str, body: bytes = b"") -> bytes:
    """What comes back for a request written by hand."""
    address = urlsplit(host.address)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_path_matches_in_any_case_and_its_values_keep_theirs(api: Api) -> None:
    answer = api(f"/API/Jobs/{GUID}")
    assert answer.status_code == 200
    assert answer.json()["route"] == {"job_id": GUID}
    assert answer.json()["function"] == "jobs"


def test_an_optional_value_that_is_absent_has_no_key(api: Api) -> None:
    assert api("/api/jobs").json()["route"] == {}


def test_a_value_that_breaks_its_constraint_is_not_found(api: Api) -> None:
    answer = api("/api/jobs/one")
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_catch_all_takes_the_rest_of_the_path(api: Api) -> None:
    assert api("/api/files/a/b%20c%2Fd.gz").json()["route"] == {"path": "a/b c%2Fd.gz"}


def test_a_route_defaults_to_the_name_of_the_function(api: Api) -> None:
    assert api("/api/nameless").json()["function"] == "nameless"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS"])
def test_a_method_that_is_not_listed_is_not_found(api: Api, method: str) -> None:
    answer = api("/api/jobs", method)
    assert (answer.status_code, answer.content) == (404, b"")


def test_without_methods_every_method_is_taken(api: Api) -> None:
    assert api("/api/files", "PATCH").json()["method"] == "PATCH"
    assert api("/api/files", "OPTIONS").json()["method"] == "OPTIONS"


def test_an_unknown_path_is_not_found(api: Api) -> None:
    assert api("/api").status_code == 404
    assert api("/jobs").status_code == 404


def test_headers_come_in_lower_case_and_repeated_ones_joined(host: RunningHost) -> None:
    head = "GET /api/jobs HTTP/1.1\nHost: x\nX-Thing: a\nx-thing: b\nConnection: close"
    headers = json.loads(raw_request(host, head).partition(b"\r\n\r\n")[2])["headers"]
    assert headers["x-thing"] == "a,b"
    assert all(name == name.lower() for name in headers)


def test_empty_query_values_are_dropped_and_repeated_ones_joined(api: Api) -> None:
    seen = api("/api/jobs?flag=&bare&a=1&A=2&text=a%20b+c&a=")
    assert seen.json()["query"] == {"a": "1,2,", "text": "a b c"}


def test_the_url_is_as_the_caller_wrote_it(api: Api) -> None:
    url = f"{api.address}/api/files/a%20b?x=%2F"
    assert api("/api/files/a%20b?x=%2F").json()["url"] == url


def test_a_body_arrives_only_with_its_length(api: Api) -> None:
    body = bytes(20_000_000)
    assert api("/api/jobs", "POST", data=body).json()["body"] == len(body)
    chunked = api("/api/jobs", "POST", data=iter([b"some", b"thing"]))
    assert (chunked.status_code, chunked.json()["body"]) == (200, 0)
    assert api("/api/jobs", "POST").json()["body"] == 0


def test_a_body_above_the_limit_is_refused_before_it_is_read(host: RunningHost) -> None:
    head = "POST /api/jobs HTTP/1.1\nHost: x\nConnection: close\nContent-Length: {}"
    assert raw_request(host, head.format(104_857_601)).startswith(b"HTTP/1.1 413")


def test_an_overlong_address_is_refused(api: Api) -> None:
    assert api("/api/jobs?a=" + "x" * 9000).status_code == 414


def test_gzip_passes_untouched(api: Api) -> None:
    answer = api("/api/packed", stream=True)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.raw.read(decode_content=False)) == b"hits"


def test_a_gzip_body_arrives_compressed(api: Api) -> None:
    body = gzip.compress(b"query" * 1000, mtime=0)
    answer = api("/api/jobs", "POST", data=body, headers={"Content-Encoding": "gzip"})
    assert answer.json()["body"] == len(body)


def test_head_has_the_headers_of_the_function_and_no_body(api: Api) -> None:
    answer = api("/api/packed", "HEAD", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(gzip.compress(b"hits", mtime=0))
    assert answer.headers["ETag"] == '"x"'


def test_not_modified_has_no_body_and_no_length(api: Api) -> None:
    answer = api("/api/not-modified")
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"x"')
    assert "Content-Length" not in answer.headers


def test_each_cookie_has_its_header(api: Api) -> None:
    with requests.get(f"{api.address}/api/cookies", timeout=10, stream=True) as answer:
        assert answer.raw.headers.getlist("set-cookie") == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize("path", ["raises", "nothing", "bare-string"])
def test_what_fails_is_500_without_a_body(api: Api, path: str) -> None:
    answer = api(f"/api/{path}")
    assert (answer.status_code, answer.content) == (500, b"")


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("keyed", None, 401),
        ("keyed", "wrong", 401),
        ("keyed", FUNCTION, 200),
        ("keyed", MASTER, 200),
        ("admins", None, 401),
        ("admins", FUNCTION, 401),
        ("admins", MASTER, 200),
        ("turned-off", None, 404),
        ("turned-off", FUNCTION, 404),
        ("turned-off", MASTER, 200),
    ],
)
def test_a_key_opens_what_its_level_allows(api: Api, path: str, key: str | None, status: int) -> None:
    by_header = api(f"/api/{path}", headers={"x-functions-key": key} if key else {})
    by_query = api(f"/api/{path}", params={"code": key} if key else {})
    assert (by_header.status_code, by_query.status_code) == (status, status)
    if status != 200:
        assert by_header.content == b""
        assert "WWW-Authenticate" not in by_header.headers


def test_the_key_in_the_header_counts_before_the_one_in_the_query(api: Api) -> None:
    assert api(f"/api/keyed?code={FUNCTION}", headers={"x-functions-key": "wrong"}).status_code == 401
    assert api("/api/keyed?code=wrong", headers={"x-functions-key": FUNCTION}).status_code == 200


def test_admin_tells_its_state_to_the_master_only(api: Api) -> None:
    assert api("/admin/host/ping").status_code == 200
    assert api("/admin/host/status").status_code == 401
    assert api("/admin/host/status", headers={"x-functions-key": FUNCTION}).status_code == 401
    status = api("/admin/host/status", headers={"x-functions-key": MASTER}).json()
    assert (status["state"], status["errors"]) == ("Running", [])
    assert "packed" in status["functions"]


def test_the_home_page_is_there(api: Api) -> None:
    answer = api("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_every_call_has_one_line_in_the_log_and_app_lines_bear_its_id(api: Api, host: RunningHost) -> None:
    invocation = api("/api/jobs").json()["invocation"]
    until(lambda: f"jobs {invocation}" in host.log)
    lines = [line for line in host.log.splitlines() if invocation in line]
    assert len(lines) == 2
    assert lines[0].endswith(f"sample [{invocation}] echo says hello")
    assert re.search(rf"jobs {invocation} \d+\.\d ms ok 200$", lines[1])
    assert "\x1b" not in host.log


def test_a_failure_is_logged_with_its_reason_and_traceback(api: Api, host: RunningHost) -> None:
    api("/api/raises")
    until(lambda: "failed: ValueError('no such thing')" in host.log)
    assert 'raise ValueError("no such thing")' in host.log


def test_calls_run_beside_each_other(api: Api, host: RunningHost) -> None:
    address = urlsplit(host.address).netloc
    connections = [http.client.HTTPConnection(address, timeout=60) for _ in range(4)]
    started = time.monotonic()
    for connection in connections:
        connection.request("GET", "/api/slow/0.8")
    assert api("/api/nameless").elapsed.total_seconds() < 0.7
    assert [connection.getresponse().status for connection in connections] == [200] * 4
    assert time.monotonic() - started < 2
    for connection in connections:
        connection.close()


def test_the_host_adds_a_few_milliseconds_at_most(api: Api) -> None:
    times = []
    for _ in range(50):
        started = time.perf_counter()
        api("/api/nameless")
        times.append(time.perf_counter() - started)
    assert sorted(times)[25] < 0.02
