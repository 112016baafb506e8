"""Bicep read without Azure: what a file declares, what it uses, and its resources as Python values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted([INFRA / "main.bicep", *INFRA.glob("modules/*.bicep")])

_DECLARATIONS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


@dataclass(frozen=True)
class Code:
    """An expression that only Azure can evaluate, as it is written."""

    text: str


@dataclass(frozen=True)
class Declared:
    """`kind` is param, var, resource, module or output; `target` a resource's type or a module's path."""

    kind: str
    name: str
    line: int
    target: str = ""
    value: Any = None
    required: bool = False


@dataclass
class File:
    path: Path
    root: Node
    declared: dict[tuple[str, str], Declared] = field(default_factory=dict)
    used: list[tuple[str, int]] = field(default_factory=list)

    def of_kind(self, kind: str) -> dict[str, Declared]:
        return {name: one for (of, name), one in self.declared.items() if of == kind}

    @property
    def names(self) -> set[str]:
        """What an expression may name: everything declared but the outputs."""
        return {name for kind, name in self.declared if kind != "output"}

    def resources(self, kind: str) -> list[Declared]:
        """The resources that the file makes, of the type that ends so."""
        made = self.of_kind("resource").values()
        return [one for one in made if one.target.partition("@")[0].endswith(kind) and one.value is not None]


@cache
def read(path: Path) -> File:
    source = path.read_bytes()
    root = Parser(Language(tree_sitter_bicep.language())).parse(source).root_node
    file = File(path, root)
    _walk(root, frozenset(), file)
    return file


def _walk(node: Node, local: frozenset[str], file: File) -> None:
    """Note declarations, and names used outside of the loops and lambdas that make them."""
    if node.type in _DECLARATIONS:
        _declare(node, file)
        children = node.named_children[1:]
    elif node.type in ("for_statement", "lambda_expression"):
        variables, *children = node.named_children
        local |= {_text(variables), *(_text(one) for one in variables.named_children)}
    elif node.type == "object_property" and node.named_children[0].type == "identifier":
        children = node.named_children[1:]
    elif node.type == "call_expression":
        children = node.named_children[1:]
        if node.named_children[0].type != "identifier":
            children = node.named_children
    elif node.type in ("decorator", "type"):
        return
    elif node.type == "identifier":
        if _text(node) not in local:
            file.used.append((_text(node), node.start_point[0] + 1))
        return
    else:
        children = node.named_children
    for child in children:
        _walk(child, local, file)


def _declare(node: Node, file: File) -> None:
    name, *rest = node.named_children
    kind = _DECLARATIONS[node.type]
    target = next((_literal(one) for one in rest if one.type == "string"), "")
    body = next(
        (one for one in reversed(rest) if one.type not in ("type", "string", "compatible_identifier")), None
    )
    if kind in ("param", "var"):
        body = rest[-1] if rest and rest[-1].type != "type" else None
    exists_already = any(_text(one) == "existing" for one in node.children)
    file.declared[kind, _text(name)] = Declared(
        kind=kind,
        name=_text(name),
        line=node.start_point[0] + 1,
        target=target if kind in ("resource", "module") else "",
        value=None if exists_already or body is None else _value(body),
        required=kind == "param" and body is None,
    )


def _value(node: Node) -> Any:
    """Objects, arrays, text, numbers and truths as Python values; anything else as Code."""
    if node.type == "object":
        return {key: value for one in node.named_children if (key := _key(one)) for value in [_property(one)]}
    if node.type == "array":
        return [_value(one) for one in node.named_children]
    if node.type in ("if_statement", "for_statement"):
        return _value(node.named_children[-1])
    if node.type == "string" and all(one.type == "string_content" for one in node.named_children):
        return _literal(node)
    if node.type == "number":
        return int(_text(node))
    if node.type == "boolean":
        return _text(node) == "true"
    return Code(_text(node))


def _key(node: Node) -> str:
    if node.type != "object_property" or len(node.named_children) < 2:
        return ""
    first = node.named_children[0]
    return _literal(first) if first.type == "string" else _text(first)


def _property(node: Node) -> Any:
    return _value(node.named_children[-1])


def _literal(node: Node) -> str:
    return _text(node)[1:-1]


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def descendants(node: Node) -> Iterator[Node]:
    """Every node below, but for those of decorators."""
    yield node
    for child in node.named_children:
        if child.type != "decorator":
            yield from descendants(child)


def everywhere(value: Any, key: str) -> Iterator[Any]:
    """The values of a key at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from everywhere(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from everywhere(inner, key)
