"""The page as it is in Azure: on another origin than the API, signing in by Entra ID."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Request, Route, expect
from starlette.responses import Response

from local.host.page import WithPage
from local.page import place_page
from local.stack import Stack
from tests.local.host.running import until
from tests.web.conftest import KEEPER

TENANT = "11111111-2222-3333-4444-555555555555"
LOGIN = "https://login.microsoftonline.com"
SIGN_IN = {"clientId": TENANT, "authority": f"{LOGIN}/{TENANT}", "scope": f"api://{TENANT}/read"}


@dataclass
class Entra:
    """Entra ID: a sign-in page that comes back at once, and grants one access token after the other."""

    grants: list[str]
    nonces: list[str] = field(default_factory=list)

    def __call__(self, route: Route, request: Request) -> None:
        if "/authorize" in request.url:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
            self.nonces.append(asked["nonce"])
            back = f"{asked['redirect_uri']}#code=a-code&state={asked['state']}"
            route.fulfill(status=302, headers={"Location": back})
        else:
            token = self.grants.pop(0) if len(self.grants) > 1 else self.grants[0]
            granted = tokens(self.nonces[-1], token)
            route.fulfill(json=granted, headers={"Access-Control-Allow-Origin": "*"})


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """That page on an origin of its own."""
    app = WithPage(Response(status_code=404), folder)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_the_page_works_on_another_origin_than_the_api(
    stack: Stack, browser: Browser, cut_short: str, tmp_path: Path
) -> None:
    place_page(tmp_path, stack.address, None, [])
    with served(tmp_path) as origin, browser.new_context() as context:
        context.add_init_script(f"localStorage.setItem('local-user', '{KEEPER}')")
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{origin}/jobs/{cut_short}/descriptions")
        expect(page.get_by_text("1–3 of 3 subjects")).to_be_visible()
        page.get_by_role("link", name="Files").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download batch_000-blastn-nt.out.gz").click()
        assert Path(download.value.path()).read_bytes()[:2] == b"\x1f\x8b"
        assert {url.startswith((origin, stack.address, "blob:")) for url in asked} == {True}


def test_signing_in_comes_back_to_the_same_address_and_sends_a_bearer_token(
    stack: Stack, browser: Browser, cut_short: str, tmp_path: Path
) -> None:
    place_page(tmp_path, stack.address, SIGN_IN, [])
    authorizations: list[str] = []

    def let_in(route: Route, request: Request) -> None:
        """Easy Auth, which knows the token; the app behind it runs in its local mode."""
        if request.method == "GET":
            authorizations.append(request.headers.get("authorization", ""))
            route.continue_(headers={**request.headers, "x-local-user": KEEPER})
        else:
            route.continue_()

    with served(tmp_path) as origin, browser.new_context() as context:
        page = context.new_page()
        page.route(f"{LOGIN}/**", Entra(["an-access-token"]))
        page.route(f"{stack.address}/**", let_in)
        page.goto(f"{origin}/jobs/{cut_short}/queries?status=no_hits")
        expect(page.get_by_text("There are no such queries.")).to_be_visible()
        expect(page.get_by_text("Ann Other")).to_be_visible()
        assert page.url == f"{origin}/jobs/{cut_short}/queries?status=no_hits"
    assert set(authorizations) == {"Bearer an-access-token"}


def tokens(nonce: str, access_token: str) -> dict[str, Any]:
    """What Entra ID answers for a code, or to renew."""
    now = int(time.time())
    claims = {
        "aud": TENANT,
        "iss": f"{LOGIN}/{TENANT}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "name": "Ann Other",
        "preferred_username": "ann@example.org",
        "oid": TENANT,
        "sub": "subject",
        "tid": TENANT,
        "nonce": nonce,
        "ver": "2.0",
    }
    parts = [{"alg": "RS256", "typ": "JWT"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return {
        "token_type": "Bearer",
        "scope": SIGN_IN["scope"],
        "expires_in": 3600,
        "access_token": access_token,
        "refresh_token": "a-refresh-token",
        "id_token": ".".join([*encoded, "signature"]),
        "client_info": base64.urlsafe_b64encode(
            json.dumps({"uid": TENANT, "utid": TENANT}).encode()
        ).decode(),
    }


@pytest.mark.parametrize("renewed", [True, False], ids=["renewed", "refused-again"])
def test_a_token_that_is_refused_is_renewed_once_and_then_said_to_be_refused(
    renewed: bool, stack: Stack, browser: Browser, cut_short: str, tmp_path: Path
) -> None:
    place_page(tmp_path, stack.address, SIGN_IN, [])
    entra = Entra(["an-old-token", "an-access-token" if renewed else "an-old-token"])

    def let_in(route: Route, request: Request) -> None:
        if request.headers.get("authorization") == "Bearer an-old-token":
            route.fulfill(status=401, headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.continue_(headers={**request.headers, "x-local-user": KEEPER})

    with served(tmp_path) as origin, browser.new_context() as context:
        page = context.new_page()
        page.route(f"{LOGIN}/**", entra)
        page.route(f"{stack.address}/**", let_in)
        page.goto(f"{origin}/jobs/{cut_short}/descriptions")
        if renewed:
            expect(page.get_by_text("1–3 of 3 subjects")).to_be_visible()
        else:
            expect(page.get_by_role("alert")).to_contain_text("Sign out and in again.")
        assert len(entra.nonces) == 1


@pytest.mark.parametrize("sign_in", [None, SIGN_IN], ids=["local", "entra"])
def test_the_policy_allows_requests_to_the_api_and_the_login_host_only(
    sign_in: dict[str, str] | None, tmp_path: Path
) -> None:
    place_page(tmp_path, "https://api.example", sign_in, [])
    headers = json.loads((tmp_path / "staticwebapp.config.json").read_text())["globalHeaders"]
    login = f" {LOGIN}" if sign_in else ""
    assert f"connect-src 'self' https://api.example{login};" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert json.loads((tmp_path / "config.json").read_text())["signIn"] == sign_in
