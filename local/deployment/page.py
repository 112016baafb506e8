"""Before `azd deploy` of the page: the built page learns where its API is, and Entra where the page is."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from local.deployment.sign_in import SCOPE
from local.deployment.tools import ToolFailed, az, ended

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "web" / "dist"

_LOGIN = "https://login.microsoftonline.com"
_GRAPH = "https://graph.microsoft.com/v1.0/applications"


def main() -> None:
    given = _environment("FUNCTION_APP_URL", "PAGE_URL", "AUTH_CLIENT_ID", "AZURE_TENANT_ID")
    configure(BUILT, given["FUNCTION_APP_URL"], given["AUTH_CLIENT_ID"], given["AZURE_TENANT_ID"])
    redirects = json.dumps({"spa": {"redirectUris": [given["PAGE_URL"]]}})
    url = f"{_GRAPH}(appId='{given['AUTH_CLIENT_ID']}')"
    az("rest", "--method", "PATCH", "--url", url, "--body", redirects)
    print(f"the page at {given['PAGE_URL']} calls {given['FUNCTION_APP_URL']}")


def configure(built: Path, api: str, client_id: str, tenant_id: str) -> None:
    """Write addresses into the built page: its config.json, and what its content policy lets it call."""
    path = built / "config.json"
    if not path.is_file():
        raise ToolFailed(f"{built} has no built page; azd package web builds it")
    config = json.loads(path.read_text("utf-8"))
    config["api"] = api
    config["signIn"] = {
        "clientId": client_id,
        "authority": f"{_LOGIN}/{tenant_id}",
        "scope": f"api://{client_id}/{SCOPE}",
    }
    if databases := os.environ.get("PAGE_DATABASES"):
        config["databases"] = json.loads(databases)
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")

    path = built / "staticwebapp.config.json"
    served = json.loads(path.read_text("utf-8"))
    headers = served["globalHeaders"]
    rules = [rule.strip() for rule in headers["Content-Security-Policy"].split(";")]
    calls = f"connect-src 'self' {api} {_LOGIN}"
    rules = [calls if rule.startswith("connect-src") else rule for rule in rules]
    headers["Content-Security-Policy"] = "; ".join(rules)
    path.write_text(json.dumps(served, indent=2) + "\n", "utf-8")


def _environment(*names: str) -> dict[str, str]:
    lacking = [name for name in names if not os.environ.get(name)]
    if lacking:
        raise ToolFailed(f"{', '.join(lacking)} not in the azd environment; azd provision sets them")
    return {name: os.environ[name] for name in names}


if __name__ == "__main__":
    sys.exit(ended(main))
