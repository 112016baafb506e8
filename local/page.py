"""The built results page, made ready for the place where it is served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.host.page import CONFIGURATION
from local.setup import PAGE

_POLICY = "Content-Security-Policy"


def place_page(target: Path, api: str, sign_in: Mapping[str, str] | None, databases: list[Any]) -> None:
    """Copy the built page to the folder `target`, for an API on the origin `api`.

    `sign_in` has `clientId`, `authority` and `scope` of Entra ID; without it the API takes a local user.
    The policy of the page then allows requests to these two origins and to no other.
    """
    shutil.copytree(PAGE, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".built"))
    config = {"api": api, "signIn": dict(sign_in) if sign_in else None, "databases": databases}
    (target / "config.json").write_text(json.dumps(config), "utf-8")
    path = target / CONFIGURATION
    configuration = json.loads(path.read_text("utf-8"))
    origins = ["'self'", api, *([_origin(sign_in["authority"])] if sign_in else [])]
    headers = configuration["globalHeaders"]
    headers[_POLICY] = headers[_POLICY].replace("connect-src 'self'", f"connect-src {' '.join(origins)}")
    path.write_text(json.dumps(configuration, indent=2), "utf-8")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
