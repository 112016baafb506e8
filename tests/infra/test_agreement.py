"""What the code uses is what `infra/` makes: tables, containers, queues, settings, roles, names of events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blast_artifacts.lifecycle.adoption import MARKERS
from local.generated import settings_in_azure
from shared.settings import Settings
from tests.infra.bicep import FILES, INFRA, Code, everywhere, read
from tests.infra.code import ROOT, settings_used
from tests.triggers.test_index import QUEUES

MAIN = read(INFRA / "main.bicep")
SETTINGS = MAIN.of_kind("var")["defaultSettings"].value
OF_THE_PLATFORM = {"packageContainer", "deadLetterContainer"}

ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "blobDataOwner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "blobDataContributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "blobDataReader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "queueDataContributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "queueMessageSender",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "tableDataContributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "metricsPublisher",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "reader",
}
"""Azure's built-in roles by id."""

GRANTS = {
    ("app", "blobDataOwner", "account"),
    ("app", "queueDataContributor", "account"),
    ("app", "tableDataContributor", "account"),
    ("app", "metricsPublisher", "component"),
    ("app", "reader", "cluster"),
    ("pipeline", "queueDataContributor", "submits"),
    ("pipeline", "queueMessageSender", "events"),
    ("pipeline", "blobDataReader", "queries"),
    ("pipeline", "blobDataContributor", "results"),
    ("operator", "tableDataContributor", "account"),
    ("operator", "blobDataContributor", "account"),
    ("operator", "queueDataContributor", "account"),
    ("topic", "queueMessageSender", "events"),
    ("topic", "blobDataContributor", "deadLetters"),
}
"""Who may do what, and where."""


def made(parameter: str) -> set[str]:
    """Names that the storage module is told to make, as the app's settings have them."""
    listed = MAIN.of_kind("module")["storage"].value["params"][parameter]
    return {_resolved(one.text) for one in listed if one.text not in OF_THE_PLATFORM}


def _resolved(code: str) -> str:
    return re.sub(r"\$\{settings\.(\w+)\}|settings\.(\w+)", lambda m: SETTINGS[m[1] or m[2]], code).strip("'")


@pytest.mark.parametrize(("parameter", "ending"), [("tables", "_TABLE"), ("containers", "_CONTAINER")])
def test_tables_and_containers_are_those_of_the_code(parameter: str, ending: str) -> None:
    used = {name for name in settings_used() if name.endswith(ending)}
    assert made(parameter) == {settings_in_azure()[name] for name in used}


def test_queues_are_those_of_the_code_and_those_that_its_functions_listen_to() -> None:
    used = {settings_in_azure()[name] for name in settings_used() if name.endswith("_QUEUE")}
    assert made("queues") == used | set(QUEUES.values())


def test_every_setting_of_the_code_is_an_app_setting_at_its_default_and_there_is_no_other() -> None:
    assert settings_in_azure() == SETTINGS


def test_every_setting_is_read_by_somebody() -> None:
    assert settings_used() == {name.upper() for name in Settings.model_fields}


def test_a_parameter_overrides_only_settings_that_there_are() -> None:
    overrides = re.search(r"DEFAULT_OWNER: defaultOwner.*?\}", MAIN.path.read_text("utf-8"), re.S)
    assert overrides
    assert set(re.findall(r"^\s*(\w+):", overrides[0], re.M)) <= SETTINGS.keys()


def test_the_host_gets_the_connection_that_the_code_asks_for_by_name() -> None:
    text = (INFRA / "modules" / "app.bicep").read_text("utf-8")
    connection = settings_in_azure()["BLAST_STORAGE_CONNECTION"]
    parts = {"credential", "clientId", "blobServiceUri", "queueServiceUri", "tableServiceUri"}
    assert set(re.findall(rf"{connection}__(\w+):", text)) == parts


def test_every_grant_is_one_that_is_needed() -> None:
    granted = set()
    for path in FILES:
        file = read(path)
        for grant in file.resources("roleAssignments"):
            properties = grant.value["properties"]
            principal = properties["principalId"].text.partition("PrincipalId")[0].partition(".")[0]
            role = file.of_kind("var")[properties["roleDefinitionId"].text].value.text
            (role_id,) = re.findall(r"'([0-9a-f-]{36})'", role)
            assert ROLES[role_id] == properties["roleDefinitionId"].text
            granted.add((principal, ROLES[role_id], grant.value["scope"].text.rpartition("::")[2]))
    assert granted == GRANTS


def test_every_grant_has_its_reason_and_a_name_that_is_always_the_same() -> None:
    for path in FILES:
        lines = path.read_text("utf-8").splitlines()
        for grant in read(path).resources("roleAssignments"):
            assert lines[grant.line - 2].startswith("// "), grant.name
            properties = grant.value["properties"]
            inside = grant.value["name"].text.removeprefix("guid(").removesuffix(")").split(", ")
            assert inside[0] == f"{grant.value['scope'].text}.id"
            assert inside[2] == properties["roleDefinitionId"].text


def test_event_grid_tells_of_the_markers_that_the_code_reads_and_of_nothing_else() -> None:
    subscription = read(INFRA / "modules" / "events.bicep").of_kind("resource")["markers"].value["properties"]
    chosen = subscription["filter"]
    assert chosen["includedEventTypes"] == ["Microsoft.Storage.BlobCreated"]
    assert chosen["advancedFilters"][0]["values"] == [f"/metadata/{marker}" for marker in MARKERS]
    assert chosen["subjectBeginsWith"].text == "'/blobServices/default/containers/${resultsContainer}/blobs/'"
    assert subscription["eventDeliverySchema"] == "CloudEventSchemaV1_0"
    destination = subscription["deliveryWithResourceIdentity"]["destination"]
    assert destination["properties"]["queueName"] == Code("eventsQueue")
    events = MAIN.of_kind("module")["events"].value["params"]
    assert events["eventsQueue"] == Code("settings.EVENTS_QUEUE")
    assert events["resultsContainer"] == Code("settings.RESULTS_CONTAINER")


def test_azd_finds_a_resource_for_each_of_its_services() -> None:
    declared = (ROOT / "azure.yaml").read_text("utf-8").partition("\nservices:\n")[2]
    services = set(re.findall(r"^  (\w+):$", declared, re.M))
    tags = {
        tag for path in FILES for tag in re.findall(r"'azd-service-name': '(\w+)'", path.read_text("utf-8"))
    }
    assert services == tags


def test_the_hooks_of_azd_are_modules_that_are_there() -> None:
    modules = re.findall(r"-m (local[\w.]+)", (ROOT / "azure.yaml").read_text("utf-8"))
    assert modules
    for module in modules:
        assert Path(ROOT, *module.split(".")).with_suffix(".py").is_file()


def test_names_keep_to_their_lengths() -> None:
    token = "x" * 13
    assert MAIN.of_kind("var")["appName"].value.text == "take('func-blast-${token}', 32)"
    assert len(f"func-blast-{token}") <= 32
    storage = MAIN.of_kind("module")["storage"].value["params"]["name"].text.strip("'")
    assert re.fullmatch(r"[a-z0-9]{3,24}", storage.replace("${token}", token))


def test_the_page_may_call_and_nobody_else() -> None:
    app = MAIN.of_kind("module")["app"].value["params"]
    assert app["allowedOrigins"] == Code("deployPage ? [page.outputs.origin] : []")
    site = read(INFRA / "modules" / "app.bicep").of_kind("resource")["site"].value
    (cors,) = everywhere(site, "cors")
    assert cors == {"allowedOrigins": Code("allowedOrigins"), "supportCredentials": False}
