"""The API's description, OpenAPI 3.1: routes from the functions, shapes from the pydantic models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import azure.functions as func
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from blast_artifacts.triggers.access import DOORS, Needs
from blast_artifacts.triggers.models import Problem
from blast_artifacts.triggers.operations import (
    ALWAYS,
    HEADERS,
    JSON,
    OPERATIONS,
    PATH,
    PROBLEM,
    Answer,
    Operation,
    Parameter,
)
from shared.errors import ERRORS

_PLACE = "#/components/schemas/{model}"
_IN_PATH = re.compile(r"\{(\w+)\}")
_OF_DOOR = {
    Needs.NOTHING: ("storage_unavailable", "internal"),
    Needs.CALLER: ("unauthenticated", "storage_unavailable", "internal"),
    Needs.READER: ("unauthenticated", "not_found", "storage_unavailable", "internal"),
    Needs.OWNER: ("unauthenticated", "not_found", "storage_unavailable", "internal"),
}

Shapes = dict[tuple[Any, JsonSchemaMode], dict[str, Any]]
"""A reference to the schema of a model, by the model and whether it is taken in or given out."""


_OF_HOST: dict[str, Any] = {
    "414": {"description": "The host's own: the address is longer than it takes, 8 KiB.", "headers": {}}
}
"""What is answered before the app is asked."""


def describe(blueprints: Iterable[func.Blueprint]) -> dict[str, Any]:
    """The document over every HTTP function of these; raises KeyError for one that is not described."""
    shapes, definitions = _shapes()
    paths: dict[str, dict[str, Any]] = {}
    for name, route, methods in _http_functions(blueprints):
        for method in methods:
            described = _operation(name, route, method, OPERATIONS[name], shapes)
            paths.setdefault(f"/{route}", {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "BLAST artifacts",
            "version": "1",
            "description": "A job of somebody else, deleted or unknown is the same 404. An unknown route or "
            "method is a 404 without a body.",
        },
        "servers": [{"url": "/api"}],
        "security": [{"token": []}, {"localUser": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "By Easy Auth."},
                "localUser": {"type": "apiKey", "in": "header", "name": "X-Local-User"},
            },
            "headers": {name: _header(text) for name, text in HEADERS.items()},
            "schemas": definitions,
        },
    }


def _http_functions(blueprints: Iterable[func.Blueprint]) -> Iterator[tuple[str, str, list[str]]]:
    """(name, route, methods) of each, as the worker indexes them."""
    # An app lists its functions once, and ours belongs to the worker.
    index = func.FunctionApp()
    for blueprint in blueprints:
        index.register_functions(blueprint)
    for function in index.get_functions():
        trigger = function.get_trigger()
        if function.is_http_function() and trigger is not None:
            told = trigger.get_dict_repr()
            name = str(function.get_function_name())
            yield name, told["route"], [str(method) for method in told["methods"]]


def _shapes() -> tuple[Shapes, dict[str, Any]]:
    """The references, and what they refer to."""
    asked = {(one.body, "validation") for one in OPERATIONS.values() if one.body}
    told = {
        (model, "serialization")
        for one in OPERATIONS.values()
        for answer in one.answers.values()
        for model in answer.bodies.values()
        if model
    }
    wanted: Any = sorted(asked | told | {(Problem, "serialization")}, key=lambda pair: pair[0].__name__)
    shapes, schemas = models_json_schema(wanted, ref_template=_PLACE)
    return shapes, schemas["$defs"]


def _operation(name: str, route: str, method: str, said: Operation, shapes: Shapes) -> dict[str, Any]:
    needs = DOORS[name].needs
    described: dict[str, Any] = {
        "operationId": name if method != "HEAD" else f"{name}_head",
        "summary": said.summary,
        "parameters": [
            *(_parameter(PATH[place], "path") for place in _IN_PATH.findall(route)),
            *(_parameter(one, "query") for one in said.query),
            *(_parameter(one, "header") for one in said.headers),
        ],
        "responses": _responses(said, (*_OF_DOOR[needs], *said.errors), method == "HEAD", shapes),
    }
    if needs is Needs.NOTHING:
        described["security"] = []
    if said.body:
        content = {JSON: {"schema": shapes[said.body, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameter(said: Parameter, place: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": said.name, "in": place, "description": said.says}
    told["schema"] = dict(said.schema)
    if place == "path" or said.required:
        told["required"] = True
    elif said.schema.get("type") == "array":
        told |= {"style": "form", "explode": False}
    if place == "query" and not said.required:
        # The platform passes no empty parameter on: it is one that is not given.
        told["allowEmptyValue"] = True
    return told


def _responses(said: Operation, codes: Iterable[str], headless: bool, shapes: Shapes) -> dict[str, Any]:
    """By status; an answer to HEAD has no body."""
    responses = {str(status): _response(answer, shapes) for status, answer in said.answers.items()}
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(ERRORS[code][0], []).append(code)
    for status, names in by_status.items():
        problem = {"properties": {"code": {"enum": names}}}
        content = {PROBLEM: {"schema": {"allOf": [shapes[Problem, "serialization"], problem]}}}
        empty = {"description": HTTPStatus(status).phrase, "headers": _headers(()), "content": {}}
        found = responses.setdefault(str(status), empty)
        found["content"] |= content
        if status == 503:
            found["headers"] |= _headers(("Retry-After",))
    for response in responses.values():
        if headless or not response["content"]:
            del response["content"]
    return dict(sorted((responses | _OF_HOST).items()))


def _response(answer: Answer, shapes: Shapes) -> dict[str, Any]:
    content = {
        kind: {"schema": shapes[model, "serialization"]} if model else {}
        for kind, model in answer.bodies.items()
    }
    return {"description": answer.says, "headers": _headers(answer.headers), "content": content}


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*ALWAYS, *names)}


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}
