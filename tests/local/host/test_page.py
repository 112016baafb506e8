from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.local.host.running import running_host

POLICY = {"Content-Security-Policy": "default-src 'none'"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host with a page beside its functions."""
    page = tmp_path_factory.mktemp("page")
    (page / "assets").mkdir()
    (page / "assets" / "main-1a2b.js").write_text("start()")
    (page / "index.html").write_text("the page")
    (page / "staticwebapp.config.json").write_text(json.dumps({"globalHeaders": POLICY}))
    log = tmp_path_factory.mktemp("host") / "log"
    with running_host("http", log, words=["--page", str(page)]) as host:
        yield host.address
        assert host.stop() == 0


@pytest.mark.parametrize("path", ["/", "/jobs/5f0c", "/jobs/5f0c/descriptions?query=@0:1", "/a/b.c"])
def test_every_address_of_the_page_is_the_page(address: str, path: str) -> None:
    answer = requests.get(address + path, timeout=60)
    assert (answer.status_code, answer.text) == (200, "the page")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_asset_is_kept_for_ever_and_one_that_is_gone_is_not_the_page(address: str) -> None:
    answer = requests.get(f"{address}/assets/main-1a2b.js", timeout=60)
    assert (answer.status_code, answer.text) == (200, "start()")
    assert "immutable" in answer.headers["Cache-Control"]
    assert requests.get(f"{address}/assets/main-0000.js", timeout=60).status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/none", "/API/none", "/api", "/admin/none", "/staticwebapp.config.json"]
)
def test_what_is_not_the_pages_is_not_found(address: str, path: str) -> None:
    assert requests.get(address + path, timeout=60).status_code == 404


def test_no_path_leads_out_of_the_page(address: str) -> None:
    for path in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd"):
        request = requests.Request("GET", address).prepare()
        request.url = address + path
        with requests.Session() as session:
            assert "root:" not in session.send(request, timeout=60).text


def test_functions_answer_as_without_a_page(address: str) -> None:
    assert requests.get(f"{address}/api/jobs", timeout=60).json()["function"] == "jobs"
    assert requests.post(address, timeout=60).status_code == 404
