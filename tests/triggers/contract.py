"""openapi.json as the running app serves it, and whether an answer is one that it allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
import requests

OF_THE_SERVER = {"date", "server", "content-type", "content-length", "connection"}


@dataclass
class Contract:
    """The document, and a validator for each schema of an answer in it."""

    document: dict[str, Any]

    def __post_init__(self) -> None:
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns of whole paths, those without a parameter at some place before those with one there."""
        paths = sorted(self.document["paths"], key=lambda path: path.replace("{", "\x7f"))
        return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]

    def path_of(self, path: str) -> str | None:
        return next((known for pattern, known in self._routes if pattern.fullmatch(path)), None)

    def check(self, method: str, path: str, answer: requests.Response) -> None:
        """Fail where the answer of `path`, which begins behind `/api`, is none that the document allows."""
        known = self.path_of(path.partition("?")[0])
        operation = self.document["paths"].get(known, {}).get(method.lower())
        if operation is None:
            assert (answer.status_code, answer.content) == (404, b""), f"{method} {path} is not described"
            return
        said = operation["responses"].get(str(answer.status_code))
        where = f"{method} {known} {answer.status_code}"
        assert said is not None, f"{where}: the status is not described: {answer.text[:300]}"
        lacking = {name.lower() for name in said["headers"]} - {name.lower() for name in answer.headers}
        unsaid = {name.lower() for name in answer.headers} - {name.lower() for name in said["headers"]}
        unsaid -= OF_THE_SERVER
        assert not unsaid, f"{where}: headers that are not described: {unsaid}"
        assert not {"cache-control", "vary", "x-content-type-options"} & lacking, f"{where}: {lacking}"
        content = said.get("content")
        if method == "HEAD" or content is None:
            assert not answer.content, f"{where}: a body that is not described"
            return
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in content, f"{where}: {kind} is not described"
        if schema := content[kind].get("schema"):
            place = f"{known}|{method}|{answer.status_code}|{kind}"
            self._validator(place, schema).validate(answer.json())

    def _validator(self, place: str, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        if place not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[place] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[place]


@cache
def contract(address: str) -> Contract:
    """What the app at that address promises."""
    return Contract(requests.get(f"{address}/api/openapi.json", timeout=30).json())
