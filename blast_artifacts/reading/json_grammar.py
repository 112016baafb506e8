"""The grammar of JSON, token by token, over the containers of a BLAST report."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from blast_artifacts.reading.cells import clean_text
from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hits import Report

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_BREAK = re.compile("[\t\n\r]")

_ROLES = {
    ("root", "BlastOutput2"): "outputs",
    ("root", "report"): "report",
    ("outputs", None): "output",
    ("outputs", "report"): "report",
    ("output", "report"): "report",
    ("report", "search_target"): "target",
    ("report", "params"): "params",
    ("report", "results"): "results",
    ("results", "search"): "search",
    ("results", "bl2seq"): "searches",
    ("searches", None): "search",
    ("results", "iterations"): "rounds",
    ("rounds", None): "round",
    ("round", "search"): "search",
    ("search", "hits"): "hits",
    ("search", "stat"): "stat",
    ("hits", None): "hit",
    ("hit", "description"): "description",
    ("description", None): "defline",
    ("hit", "hsps"): "hsps",
    ("hsps", None): "hsp",
}
"""What a container is, by the one around it and the key it stands under; all others are passed over."""

_DEEPEST, _MOST_KEYS = 64, 10_000
"""More than any report has: beyond it is damage."""

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Container:
    """An open object or array, the scalars of it, and the grammar's place in it."""

    role: str
    array: bool
    start: int
    line: int
    values: dict[str, Scalar] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    key: str | None = None
    state: str = "first"


class JsonGrammar(ABC):
    """Keeps the stack of open containers; what they mean is for the classes that build on it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[Container] = []

    @abstractmethod
    def _container(self, role: str, array: bool, start: int) -> Container:
        """A new container that opens at this place of the buffer."""

    @abstractmethod
    def _enter(self, role: str) -> None:
        """A container was opened."""

    @abstractmethod
    def _leave(self, item: Container, whole: bool) -> None:
        """A container was closed, by its own bracket if `whole`."""

    def _role(self, key: str | None) -> str:
        """What a container opened here would be."""
        if not self._stack:
            return "root"
        top = self._stack[-1]
        return _ROLES.get((top.role, None if top.array else key if key is not None else top.key), "other")

    def _mark(self, mark: bytes, start: int) -> bool:
        """A bracket, comma or colon; False if the grammar forbids it here."""
        top = self._stack[-1] if self._stack else None
        if mark in b"{[":
            if top is not None and (not self._takes_value(top) or len(self._stack) >= _DEEPEST):
                return False
            role = "outputs" if top is None and mark == b"[" else self._role(None)
            self._stack.append(self._container(role, mark == b"[", start))
            self._enter(role)
            return True
        if top is None:
            return False
        if mark in b"}]":
            if top.array != (mark == b"]") or top.state not in ("first", "after"):
                return False
            self._stack.pop()
            self._leave(top, whole=True)
            if self._stack:
                self._stack[-1].state = "after"
            return True
        if mark == b",":
            if top.state != "after":
                return False
            top.state = "next"
            return True
        if top.state != "colon":
            return False
        top.state = "value"
        return True

    def _takes_value(self, top: Container) -> bool:
        return top.state in ("first", "next") if top.array else top.state == "value"

    def _scalar(self, string: bytes | None, other: bytes | None) -> bool:
        top = self._stack[-1] if self._stack else None
        if top is None:
            return False
        if string is not None and not top.array and top.state in ("first", "next"):
            top.key, top.state = self._text(string), "colon"
            # A key that comes twice: two objects have run together.
            new = top.key not in top.keys
            top.keys.add(top.key)
            return new and len(top.keys) <= _MOST_KEYS
        if not self._takes_value(top):
            return False
        if not top.array and top.key is not None:
            self._value(top, top.key, string, other)
        top.state = "after"
        return True

    def _value(self, top: Container, key: str, string: bytes | None, other: bytes | None) -> None:
        if top.role == "other":
            return
        if top.role == "hsp":
            raw = other if string is None else self._text(string).encode()
            top.raw[key] = b"" if raw in (None, b"null") else raw or b""
        else:
            top.values[key] = self._text(string) if string is not None else _literal(other or b"null")

    def _text(self, token: bytes) -> str:
        text, latin1 = clean_text(token)
        if latin1:
            warn(self._report, "encoding_latin1")
        if "\\" in text:
            try:
                value = str(json.loads(text))
                # A lone half of a surrogate pair cannot be stored as UTF-8.
                text = value.encode("utf-8", "replace").decode()
            except ValueError:
                text = text[1:-1]
        else:
            text = text[1:-1]
        if _CONTROL.search(text):
            warn(self._report, "control_characters")
            text = _CONTROL.sub("", text)
        return _BREAK.sub(" ", text)


def _literal(token: bytes) -> Scalar:
    """A number or a word of JSON; null for a number of thousands of digits."""
    try:
        value: Scalar = json.loads(token)
    except ValueError:
        return None
    return value
