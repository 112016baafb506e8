from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from shared import identity
from shared.errors import AppError
from shared.identity import READ_ALL, Caller, identify
from shared.settings import read_settings

TENANT = "11111111-2222-3333-4444-555555555555"
SUBJECT = "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee"
LONG = "http://schemas.microsoft.com/identity/claims/"
EASYAUTH = {"AUTH_MODE": "easyauth", "WEBSITE_AUTH_ENABLED": "True"}
SHORT_CLAIMS = [("tid", TENANT), ("oid", SUBJECT)]


def principal(*claims: tuple[str, str]) -> dict[str, str]:
    body = {"auth_typ": "aad", "claims": [{"typ": name, "val": value} for name, value in claims]}
    return {"x-ms-client-principal": base64.b64encode(json.dumps(body).encode()).decode()}


def call(headers: dict[str, str], environment: dict[str, str], emulator: bool = True) -> Caller:
    return identify(headers, read_settings(environment), lambda: emulator)


def test_the_owner_is_tenant_and_object_id() -> None:
    assert call(principal(*SHORT_CLAIMS), EASYAUTH).owner == f"{TENANT}.{SUBJECT.lower()}"


def test_both_spellings_of_the_claims_name_the_same_owner() -> None:
    long = principal((LONG + "tenantid", TENANT), (LONG + "objectidentifier", SUBJECT))
    assert call(long, EASYAUTH) == call(principal(*SHORT_CLAIMS), EASYAUTH)


def test_roles_repeat() -> None:
    caller = call(principal(*SHORT_CLAIMS, ("roles", "Other"), ("roles", READ_ALL)), EASYAUTH)
    assert caller.may_read("anybody")


def test_without_the_role_a_caller_reads_only_their_own() -> None:
    caller = call(principal(*SHORT_CLAIMS), EASYAUTH)
    assert caller.may_read(caller.owner)
    assert not caller.may_read("local.other")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ms-client-principal": "not base64!"},
        {"x-ms-client-principal": base64.b64encode(b"not json").decode()},
        {"x-ms-client-principal": base64.b64encode(b"[]").decode()},
        {"x-ms-client-principal": base64.b64encode(b'{"claims": 1}').decode()},
        {"x-ms-client-principal": base64.b64encode(b'{"claims": [{"typ": "tid"}]}').decode()},
        {"x-ms-client-principal": base64.b64encode(b"[" * 40_000).decode()},
        {"x-ms-client-principal": principal(*SHORT_CLAIMS)["x-ms-client-principal"] * 2},
        {"x-ms-client-principal": ",".join(principal(*SHORT_CLAIMS).values()) + "," + "x"},
        {"x-ms-client-principal": base64.b64encode(b'{"claims": [{"typ": "tid", "val": 1}]}').decode()},
        principal(*SHORT_CLAIMS, *[("groups", "x" * 50)] * 2000),
        principal(("tid", TENANT)),
        principal(("tid", TENANT), ("oid", "somebody")),
        principal(*SHORT_CLAIMS, ("oid", TENANT)),
        {"x-local-user": "ann"},
    ],
)
def test_a_missing_malformed_or_ambiguous_principal_is_nobody(headers: dict[str, str]) -> None:
    with pytest.raises(AppError) as refusal:
        call(headers, EASYAUTH)
    assert refusal.value.status == 401


def test_a_principal_header_is_forged_while_easy_auth_is_off() -> None:
    with pytest.raises(AppError):
        call(principal(*SHORT_CLAIMS), {"AUTH_MODE": "easyauth"})


def test_a_local_user_is_named_by_header() -> None:
    assert call({"x-local-user": "ann"}, {"AUTH_MODE": "local"}).owner == "local.ann"


@pytest.mark.parametrize("name", ["", ".x", "a/b", "a b", "é", "a" * 65, "a\n"])
def test_a_local_name_that_is_no_key_is_nobody(name: str) -> None:
    with pytest.raises(AppError):
        call({"x-local-user": name}, {"AUTH_MODE": "local"})


def test_a_claim_may_come_in_both_spellings_if_they_agree() -> None:
    both = principal(*SHORT_CLAIMS, (LONG + "tenantid", TENANT.upper()), (LONG + "objectidentifier", SUBJECT))
    assert call(both, EASYAUTH) == call(principal(*SHORT_CLAIMS), EASYAUTH)
    with pytest.raises(AppError):
        call(principal(*SHORT_CLAIMS, (LONG + "tenantid", SUBJECT)), EASYAUTH)


def test_a_principal_header_counts_for_nothing_in_local_mode() -> None:
    with pytest.raises(AppError):
        call(principal(*SHORT_CLAIMS, ("roles", READ_ALL)), {"AUTH_MODE": "local"})
    named = call(
        {**principal(*SHORT_CLAIMS, ("roles", READ_ALL)), "x-local-user": "ann"}, {"AUTH_MODE": "local"}
    )
    assert (named.owner, named.roles) == ("local.ann", frozenset())


def test_local_mode_is_refused_unless_storage_is_the_emulator() -> None:
    with pytest.raises(AppError):
        call({"x-local-user": "ann"}, {"AUTH_MODE": "local"}, emulator=False)


@pytest.mark.parametrize(
    ("environment", "emulator", "says"),
    [
        ({"AUTH_MODE": "open", "WEBSITE_AUTH_ENABLED": "true"}, True, "neither easyauth nor local"),
        ({"AUTH_MODE": "EasyAuth", "WEBSITE_AUTH_ENABLED": "true"}, True, "neither easyauth nor local"),
        ({"AUTH_MODE": "easyauth", "WEBSITE_AUTH_ENABLED": "False"}, True, "Easy Auth is off"),
        ({"WEBSITE_AUTH_ENABLED": ""}, True, "Easy Auth is off"),
        ({"AUTH_MODE": "local", "WEBSITE_AUTH_ENABLED": "true"}, False, "storage is not the emulator"),
    ],
    ids=["unknown", "other-case", "easyauth-off", "default-off", "not-the-emulator"],
)
def test_a_mode_that_does_not_hold_refuses_everybody_and_says_so_once(
    environment: dict[str, str], emulator: bool, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    identity._say_once.cache_clear()
    headers: dict[str, Any] = {"x-local-user": "ann", **principal(*SHORT_CLAIMS)}
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            with pytest.raises(AppError) as refusal:
                call(headers, environment, emulator)
            assert refusal.value.status == 401
    assert sum(says in record.message for record in caplog.records) == 1
