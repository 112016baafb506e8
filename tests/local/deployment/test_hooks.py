"""The hooks of `azd up`, with an Azure CLI and an azd that write down what they are asked."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.deployment import page, sign_in
from local.setup import BUILT, ROOT
from shared.identity import READ_ALL
from tests.infra.bicep import INFRA, read

Hook = Callable[..., subprocess.CompletedProcess[str]]
Tools = Callable[[dict[str, Any]], str]

TOOL = """#!{python}
import json, pathlib, sys
with pathlib.Path({log!r}).open("a") as log:
    log.write(json.dumps(sys.argv) + "\\n")
words = " ".join(sys.argv[1:])
answers = {answers!r}
answer = next((answers[start] for start in answers if words.startswith(start)), None)
if answer == "fails":
    sys.exit("ERROR: not signed in")
if answer is not None:
    print(json.dumps(answer))
"""

REGISTRATION = {"appId": "11111111-2222-3333-4444-555555555555", "id": "object-id"}


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """Makes an `az` and an `azd` with these answers; the folder that they lie in."""

    def make(answers: dict[str, Any]) -> str:
        folder = tmp_path / "tools"
        folder.mkdir(exist_ok=True)
        for name in ("az", "azd"):
            tool = folder / name
            log = str(tmp_path / "asked")
            tool.write_text(TOOL.format(python=sys.executable, log=log, answers=answers), "utf-8")
            tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        return str(folder)

    return make


@pytest.fixture
def hook(tools: Tools) -> Hook:
    """Runs a hook with these answers of `az` and this environment."""

    def run(module: str, answers: dict[str, Any], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={"PATH": f"{tools(answers)}{os.pathsep}{os.environ['PATH']}", **environment},
            capture_output=True,
            text=True,
            timeout=30,
        )

    return run


def asked(folder: Path) -> list[list[str]]:
    lines = (folder / "asked").read_text("utf-8").splitlines()
    return [[Path(words[0]).name, *words[1:]] for words in map(json.loads, lines)]


def body_of(words: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(words[words.index("--body") + 1])
    return body


def test_a_first_deployment_makes_the_registration_and_keeps_its_id(hook: Hook, tmp_path: Path) -> None:
    answers = {"ad app list": [], "ad app create": REGISTRATION, "ad sp list": []}
    done = hook("local.deployment.sign_in", answers, AZURE_ENV_NAME="lab")
    assert done.returncode == 0, done.stderr
    commands = asked(tmp_path)
    assert ["azd", "env", "set", "AUTH_CLIENT_ID", REGISTRATION["appId"]] in commands
    assert ["az", "ad", "sp", "create", "--id", REGISTRATION["appId"], "--output", "json"] in commands
    (patch,) = [words for words in commands if "PATCH" in words]
    body = body_of(patch)
    assert body["identifierUris"] == [f"api://{REGISTRATION['appId']}"]
    assert body["api"]["requestedAccessTokenVersion"] == 2
    assert [role["value"] for role in body["appRoles"]] == [READ_ALL]


def test_a_second_deployment_finds_it_and_changes_nothing(hook: Hook, tmp_path: Path) -> None:
    answers = {"ad app list": [REGISTRATION], "ad sp list": [{"id": "x"}]}
    for _ in range(2):
        assert hook("local.deployment.sign_in", answers, AZURE_ENV_NAME="lab").returncode == 0
    commands = asked(tmp_path)
    assert not [words for words in commands if "create" in words]
    first, second = (body_of(words) for words in commands if "PATCH" in words)
    assert first == second


def test_a_registration_of_ones_own_is_left_alone(hook: Hook, tmp_path: Path) -> None:
    assert hook("local.deployment.sign_in", {}, AUTH_CLIENT_ID="mine").returncode == 0
    assert not (tmp_path / "asked").exists()


def test_a_tool_that_fails_stops_the_deployment_with_its_reason(hook: Hook) -> None:
    done = hook("local.deployment.sign_in", {"ad app list": "fails"}, AZURE_ENV_NAME="lab")
    assert done.returncode == 1
    assert done.stderr == "error: az ad app list: ERROR: not signed in\n"


def test_the_role_is_the_one_that_the_app_looks_for() -> None:
    assert sign_in.READ_ALL == READ_ALL


def test_the_built_page_learns_its_addresses(tmp_path: Path) -> None:
    policy = "default-src 'none'; connect-src 'self'; base-uri 'none'"
    served = {"globalHeaders": {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}}
    (tmp_path / "config.json").write_text(json.dumps({"api": "", "signIn": None, "databases": [1]}))
    (tmp_path / "staticwebapp.config.json").write_text(json.dumps(served))
    (tmp_path / BUILT).write_text("what it was built from")
    for _ in range(2):
        page.address(tmp_path, "https://app.example", "client", "tenant")
    assert json.loads((tmp_path / "config.json").read_text()) == {
        "api": "https://app.example",
        "signIn": {
            "clientId": "client",
            "authority": "https://login.microsoftonline.com/tenant",
            "scope": "client/user_impersonation",
        },
        "databases": [1],
    }
    headers = json.loads((tmp_path / "staticwebapp.config.json").read_text())["globalHeaders"]
    calls = "connect-src 'self' https://app.example https://login.microsoftonline.com"
    assert headers["Content-Security-Policy"] == f"default-src 'none'; {calls}; base-uri 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert not (tmp_path / BUILT).exists(), "set-up would serve a page on this machine that calls Azure"


GRAPH_URL = "https://graph.microsoft.com/v1.0/applications(appId='client')"


@pytest.mark.parametrize(
    ("standing", "wanted"),
    [
        ({"appId": "client"}, ["https://page.example/"]),
        ({"spa": {"redirectUris": []}}, ["https://page.example/"]),
        (
            {"spa": {"redirectUris": ["https://blast.lab.example/"]}},
            ["https://blast.lab.example/", "https://page.example/"],
        ),
        ({"spa": {"redirectUris": ["https://page.example/", "https://blast.lab.example/"]}}, None),
    ],
    ids=["none", "empty", "another", "there already"],
)
def test_entra_may_send_back_to_the_page_and_to_where_it_could_before(
    standing: dict[str, Any],
    wanted: list[str] | None,
    tools: Tools,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", tools({"rest --method GET": standing}), prepend=os.pathsep)
    page.let_come_back("client", "https://page.example")
    got, *patches = asked(tmp_path)
    assert got == ["az", "rest", "--method", "GET", "--url", GRAPH_URL, "--output", "json"]
    assert [body_of(words) for words in patches] == (
        [{"spa": {"redirectUris": wanted}}] if wanted is not None else []
    )
    assert all(GRAPH_URL in words for words in patches)


def test_the_page_comes_back_to_the_address_that_is_registered() -> None:
    source = (ROOT / "web" / "src" / "sign-in" / "entra.ts").read_text("utf-8")
    assert "redirectUri: `${location.origin}/`," in source


def test_provisioning_gives_the_page_all_that_it_needs() -> None:
    kept_by_the_other_hook = {"AUTH_CLIENT_ID"}
    outputs = read(INFRA / "main.bicep").of_kind("output").keys()
    assert set(page.NEEDED) - kept_by_the_other_hook <= outputs


def test_hooks_need_the_standard_library_only() -> None:
    code = "import local.deployment.page, local.deployment.sign_in"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_page_before_its_time_is_said(hook: Hook) -> None:
    done = hook("local.deployment.page", {}, PAGE_URL="https://page.example")
    assert done.returncode == 1
    assert "FUNCTION_APP_URL, AUTH_CLIENT_ID, AZURE_TENANT_ID not in the azd environment" in done.stderr
