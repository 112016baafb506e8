"""Before `azd deploy` of the page: the built page learns where its API is, and Entra where the page is."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from local.deployment.sign_in import GRAPH, SCOPE
from local.deployment.tools import ToolFailed, az, ended
from local.page import address_page
from local.setup import PAGE

NEEDED = ("FUNCTION_APP_URL", "PAGE_URL", "AUTH_CLIENT_ID", "AZURE_TENANT_ID")

_LOGIN = "https://login.microsoftonline.com"


def main() -> None:
    given = _environment(*NEEDED)
    address(PAGE, given["FUNCTION_APP_URL"], given["AUTH_CLIENT_ID"], given["AZURE_TENANT_ID"])
    let_come_back(given["AUTH_CLIENT_ID"], given["PAGE_URL"])
    print(f"the page at {given['PAGE_URL']} calls {given['FUNCTION_APP_URL']}")


def address(built: Path, api: str, client_id: str, tenant_id: str) -> None:
    """Write into the built page where its API and its sign-in are."""
    if not (built / "config.json").is_file():
        raise ToolFailed(f"{built} has no built page; azd package web builds it")
    # Page and API are one registration, and Entra renews a token that an application has for itself only
    # where its scope begins with the bare client id, not with api://.
    sign_in = {
        "clientId": client_id,
        "authority": f"{_LOGIN}/{tenant_id}",
        "scope": f"{client_id}/{SCOPE}",
    }
    databases = os.environ.get("PAGE_DATABASES")
    address_page(built, api, sign_in, json.loads(databases) if databases else None)


def let_come_back(client_id: str, page_url: str) -> None:
    """Add the page to where Entra may send people back; other places that the registration has stay."""
    url = f"{GRAPH}(appId='{client_id}')"
    registration = az("rest", "--method", "GET", "--url", url) or {}
    places = list(registration.get("spa", {}).get("redirectUris", []))
    # As the page asks for it, and with the slash: Entra compares letter by letter.
    place = f"{page_url}/"
    if place not in places:
        body = json.dumps({"spa": {"redirectUris": [*places, place]}})
        az("rest", "--method", "PATCH", "--url", url, "--body", body)


def _environment(*names: str) -> dict[str, str]:
    lacking = [name for name in names if not os.environ.get(name)]
    if lacking:
        raise ToolFailed(f"{', '.join(lacking)} not in the azd environment; azd provision sets them")
    return {name: os.environ[name] for name in names}


if __name__ == "__main__":
    sys.exit(ended(main))
