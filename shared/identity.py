"""Who is calling: from Easy Auth's principal header, or from a local user's name against the emulator."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from shared.errors import AppError
from shared.settings import Settings

log = logging.getLogger(__name__)

READ_ALL = "Artifacts.ReadAll"

_TENANT = ("tid", "http://schemas.microsoft.com/identity/claims/tenantid")
_OBJECT = ("oid", "http://schemas.microsoft.com/identity/claims/objectidentifier")
_ROLES = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
_NAMING = ("authorization", "x-zumo-auth", "x-local-user")
_LONGEST_HEADER = 64 * 1024
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOCAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Caller:
    """`owner` is the key that this caller's jobs are stored under."""

    owner: str
    roles: frozenset[str] = frozenset()

    def may_read(self, owner: str) -> bool:
        return owner == self.owner or READ_ALL in self.roles


def identify(
    headers: Mapping[str, str], settings: Settings, storage_is_emulator: Callable[[], bool]
) -> Caller:
    """The caller, by the one mode that AUTH_MODE names; raises AppError `unauthenticated`."""
    if settings.auth_mode == "easyauth":
        if settings.website_auth_enabled:
            return _from_principal(headers.get("x-ms-client-principal", ""))
        _say_once("AUTH_MODE is easyauth but Easy Auth is off here: every caller is refused")
    elif settings.auth_mode == "local":
        if storage_is_emulator():
            return _from_local_name(headers.get("x-local-user", ""))
        _say_once("AUTH_MODE is local but storage is not the emulator: every caller is refused")
    else:
        _say_once("AUTH_MODE is neither easyauth nor local: every caller is refused")
    raise AppError("unauthenticated", "The identity of the caller cannot be established.")


def is_of_another_site(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site sends this, with no more than what the browser adds by itself: cookies.

    Browsers say whose page it is that asks. A header that names the caller, or JSON as the kind of the body,
    goes to another origin only where CORS allows that page to.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_allowed = kind == "application/json" or any(headers.get(name) for name in _NAMING)
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not is_allowed


def _from_local_name(name: str) -> Caller:
    if not _LOCAL_NAME.fullmatch(name):
        raise AppError("unauthenticated", "Name the local user in the header X-Local-User.")
    return Caller(owner=f"local.{name}")


def _from_principal(header: str) -> Caller:
    claims = _claims(header)
    tenant, subject = _single(claims, _TENANT), _single(claims, _OBJECT)
    if not (_GUID.fullmatch(tenant) and _GUID.fullmatch(subject)):
        raise AppError("unauthenticated", "The principal names no tenant or no object id.")
    roles = (value for name in _ROLES for value in claims.get(name, ()))
    return Caller(owner=f"{tenant}.{subject}", roles=frozenset(roles))


def _claims(header: str) -> dict[str, list[str]]:
    """Claim values by type; claims repeat."""
    if len(header) > _LONGEST_HEADER:
        raise AppError("unauthenticated", "The principal header is too long.")
    try:
        principal = json.loads(base64.b64decode(header, validate=True))
        claims: dict[str, list[str]] = {}
        for claim in principal["claims"]:
            kind, value = claim["typ"], claim["val"]
            if not (isinstance(kind, str) and isinstance(value, str)):
                raise TypeError("a claim is of text")
            claims.setdefault(kind, []).append(value)
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise AppError("unauthenticated", "The principal header is missing or malformed.") from error
    return claims


def _single(claims: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    """The one value of a claim that must not be ambiguous; empty otherwise."""
    values = {value.lower() for name in names for value in claims.get(name, ())}
    return values.pop() if len(values) == 1 else ""


@cache
def _say_once(sentence: str) -> None:
    log.error(sentence)
