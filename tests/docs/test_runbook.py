"""The runbook has a word on every alert and every error code that there is."""

from __future__ import annotations

import ast
import re

import pytest

from shared.errors import ERRORS
from tests.docs.blocks import ROOT
from tests.infra.bicep import INFRA, read
from tests.infra.code import nodes

TEXT = (ROOT / "docs" / "runbook.md").read_text("utf-8")
ROWS = {match[1]: match[0] for match in re.finditer(r"^\| `([a-z_]+)` \| .+ \| .+ \|$", TEXT, re.M)}


def alerts() -> list[str]:
    resources = read(INFRA / "modules" / "alerts.bicep")
    rules = [rule["name"] for rule in resources.of_kind("var")["rules"].value]
    metrics = [one.value["name"] for one in resources.resources("metricAlerts")]
    return [*rules, *metrics]


def codes() -> set[str]:
    """Codes that the life cycle writes: what it names `code` or `error_code`, or ends a claim with."""
    written: list[ast.AST] = []
    for node in nodes():
        match node:
            case ast.keyword(arg="code" | "error_code"):
                written.append(node.value)
            case ast.Assign(targets=[target]) if "id='code'" in ast.dump(target):
                written.extend(ast.walk(node.value))
            case ast.Dict():
                keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
                written.extend(value for key, value in zip(keys, node.values, strict=True) if key == "code")
            case ast.Call(func=ast.Attribute(attr="release" | "ended")):
                written.extend(node.args[:2])
    texts = {str(node.value) for node in written if isinstance(node, ast.Constant)}
    return {text for text in texts if re.fullmatch(r"[a-z_]{4,}", text)}


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_its_section(name: str) -> None:
    section = TEXT.partition(f"\n### {name}\n")[2].partition("\n##")[0]
    assert len(section.split()) > 20


def test_there_is_no_section_on_an_alert_that_is_none() -> None:
    assert set(re.findall(r"^### (.+)$", TEXT, re.M)) == set(alerts())


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_of_the_api_has_its_row(code: str) -> None:
    assert code in ROWS


def test_codes_of_the_life_cycle_are_found() -> None:
    assert {
        "build_failed",
        "results_not_listable",
        "attempts_exhausted",
        "cancel_timeout",
        "pipeline",
    } <= codes()


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_of_the_life_cycle_has_its_row(code: str) -> None:
    assert code in ROWS


@pytest.mark.parametrize("page", ["runbook", "deploy", "pipeline", "configuration"])
def test_every_saved_query_and_output_that_is_named_is_there(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    outputs = read(INFRA / "main.bicep").of_kind("output").keys() | {"AUTH_CLIENT_ID"}
    assert set(re.findall(r"azd env get-value (\w+)", text)) <= outputs
    assert all((ROOT / path).is_file() for path in re.findall(r"\b(infra/[\w/.-]+\.\w+)", text))


def test_every_saved_query_is_named_in_the_runbook() -> None:
    assert {path.stem for path in INFRA.glob("queries/*.kql")} <= set(re.findall(r"`([\w-]+)`", TEXT))
