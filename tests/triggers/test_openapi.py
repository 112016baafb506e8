"""The API's description: whole, served to anybody, and held against every answer of these tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest
import requests

from blast_artifacts.triggers.access import DOORS
from blast_artifacts.triggers.operations import HEADERS, OPERATIONS
from shared.errors import ERRORS
from tests.lifecycle.makers import make_job
from tests.local.host.running import ROOT
from tests.triggers.conftest import App
from tests.triggers.contract import Contract, contract
from tests.triggers.test_matrix import MATRIX

HEAVY = {"polars", "azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.identity"}
READ = """
import sys, azure.functions as func, function_app
assert "blast_artifacts.triggers.description" not in sys.modules
functions = {each.get_function_name(): each for each in function_app.app.get_functions()}
request = func.HttpRequest(method="GET", url="http://app/api/openapi.json", body=b"")
answer = functions["read_openapi"].get_user_function()(request)
assert answer.status_code == 200
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def document(reader: App) -> dict[str, Any]:
    return contract(reader.address).document


def test_it_describes_the_routes_that_there_are(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, one in document["paths"].items() for method in one}
    assert described == set(MATRIX)
    assert set(OPERATIONS) == set(DOORS)


def test_it_is_served_without_a_caller_and_not_twice(reader: App) -> None:
    first = requests.get(f"{reader.address}/api/openapi.json", timeout=60)
    assert (first.status_code, first.json()["openapi"]) == (200, "3.1.0")
    current = {"If-None-Match": first.headers["ETag"]}
    assert requests.get(f"{reader.address}/api/openapi.json", headers=current, timeout=60).status_code == 304


def test_it_names_every_error_and_every_header(document: dict[str, Any]) -> None:
    problems = [
        body["schema"]["allOf"][1]["properties"]["code"]["enum"]
        for path in document["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for kind, body in response.get("content", {}).items()
        if kind == "application/problem+json"
    ]
    assert {code for codes in problems for code in codes} == set(ERRORS)
    assert set(document["components"]["headers"]) == set(HEADERS)


def test_its_schemas_are_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_it_takes_neither_tables_nor_storage_clients_to_make_it() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(loaded.stdout.split())


@pytest.fixture(scope="module")
def listing(reader: App) -> requests.Response:
    make_job()
    reader.submit()
    return reader.get("blast/jobs")


def _without_a_status(operation: dict[str, Any]) -> None:
    del operation["responses"]["200"]


def _without_a_header(operation: dict[str, Any]) -> None:
    del operation["responses"]["200"]["headers"]["Cache-Control"]


def _of_another_kind(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]
    content["text/plain"] = content.pop("application/json")


def _of_another_shape(operation: dict[str, Any]) -> None:
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Health"
    }


@pytest.mark.parametrize(
    "change", [_without_a_status, _without_a_header, _of_another_kind, _of_another_shape]
)
def test_an_answer_that_it_does_not_allow_fails(
    document: dict[str, Any], listing: requests.Response, change: Callable[[dict[str, Any]], None]
) -> None:
    Contract(document).check("GET", "/blast/jobs", listing)
    changed = deepcopy(document)
    change(changed["paths"]["/blast/jobs"]["get"])
    with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
        Contract(changed).check("GET", "/blast/jobs", listing)


def test_an_answer_of_a_route_that_it_does_not_know_fails(
    document: dict[str, Any], listing: requests.Response
) -> None:
    with pytest.raises(AssertionError, match="not described"):
        Contract(document).check("GET", "/blast/something", listing)
