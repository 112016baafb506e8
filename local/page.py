"""The built results page, made ready for the place where it is served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.setup import BUILT, PAGE

CONFIGURATION = "staticwebapp.config.json"
"""The file beside the page that says how it is served: headers, and which of its paths are files."""

_POLICY = "Content-Security-Policy"


def place_page(target: Path, api: str, sign_in: Mapping[str, str] | None, databases: list[Any]) -> None:
    """Copy the built page to the folder `target`, for an API on the origin `api`; see `address_page`."""
    shutil.copytree(PAGE, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(BUILT))
    address_page(target, api, sign_in, databases)


def address_page(
    folder: Path, api: str, sign_in: Mapping[str, str] | None, databases: list[Any] | None = None
) -> None:
    """Tell a built page where its API is, and let it call there.

    `sign_in` has `clientId`, `authority` and `scope` of Entra ID; without it the API takes a local user.
    `databases` are those that the page offers; None leaves what it has. The policy of the page then allows
    requests to these two origins and to no other. What was told before is replaced.
    """
    # It is no longer the page that set-up built for this machine: the next set-up builds that anew.
    (folder / BUILT).unlink(missing_ok=True)
    path = folder / "config.json"
    offered = json.loads(path.read_text("utf-8"))["databases"] if databases is None else databases
    config = {"api": api, "signIn": dict(sign_in) if sign_in else None, "databases": offered}
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")

    path = folder / CONFIGURATION
    configuration = json.loads(path.read_text("utf-8"))
    origins = ["'self'", api, *([_origin(sign_in["authority"])] if sign_in else [])]
    headers = configuration["globalHeaders"]
    rules = [rule.strip() for rule in headers[_POLICY].split(";")]
    calls = f"connect-src {' '.join(origins)}"
    headers[_POLICY] = "; ".join(calls if rule.startswith("connect-src ") else rule for rule in rules)
    path.write_text(json.dumps(configuration, indent=2) + "\n", "utf-8")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
