"""What can be said of the Bicep without Azure: it parses, and every name in it is declared, and is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.infra.bicep import FILES, INFRA, Code, descendants, everywhere, read

FUNCTIONS = {
    *(
        "empty",
        "environment",
        "filter",
        "guid",
        "last",
        "loadTextContent",
        "resourceGroup",
        "split",
        "string",
    ),
    *("subscription", "subscriptionResourceId", "take", "tenant", "toLower", "union", "uniqueString"),
}
MAIN = INFRA / "main.bicep"

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


@each_file
def test_the_syntax_is_right(path: Path) -> None:
    assert not read(path).root.has_error


@each_file
def test_every_name_is_declared(path: Path) -> None:
    file = read(path)
    assert {(name, line) for name, line in file.used if name not in file.names} == set()


@each_file
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    file = read(path)
    used = {name for name, _ in file.used}
    assert (file.of_kind("param").keys() | file.of_kind("var").keys()) - used == set()


@each_file
def test_every_function_is_one_of_the_languages(path: Path) -> None:
    called = {
        (node.named_children[0].text or b"").decode()
        for node in descendants(read(path).root)
        if node.type == "call_expression" and node.named_children[0].type == "identifier"
    }
    assert called <= FUNCTIONS


def test_modules_get_what_they_declare_and_are_asked_for_what_they_give() -> None:
    main = read(MAIN)
    for name, module in main.of_kind("module").items():
        parameters = read(INFRA / module.target).of_kind("param")
        given = set(module.value["params"])
        assert given <= set(parameters), name
        assert {one for one, declared in parameters.items() if declared.required} <= given, name
    for node in descendants(main.root):
        asked, _, output = (node.text or b"").decode().partition(".outputs.")
        if node.type == "member_expression" and output and "." not in asked:
            target = main.of_kind("module")[asked].target
            assert output in read(INFRA / target).of_kind("output"), node.text


def test_every_module_is_deployed() -> None:
    targets = {module.target for module in read(MAIN).of_kind("module").values()}
    assert {path.relative_to(INFRA).as_posix() for path in FILES} == {"main.bicep", *targets}


def test_azd_fills_in_every_parameter() -> None:
    given = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    assert given.keys() == read(MAIN).of_kind("param").keys()


def test_azd_falls_back_to_the_defaults_of_the_parameters() -> None:
    given = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    for name, declared in read(MAIN).of_kind("param").items():
        value = given[name]["value"]
        default = value.rstrip("}").partition("=") if isinstance(value, str) else ("", "", value)
        expected = str(declared.value).lower() if isinstance(declared.value, bool) else declared.value
        if declared.required:
            assert default[1] == "", name
        else:
            assert str(default[2]) == str(expected), name


def test_every_query_file_is_loaded() -> None:
    loaded = {
        Path(value.text.split("'")[1]).name
        for path in FILES
        for declared in read(path).of_kind("var").values()
        for value in everywhere({"": declared.value}, "query")
        if isinstance(value, Code)
    }
    assert loaded == {path.name for path in INFRA.glob("*/*.kql")}
