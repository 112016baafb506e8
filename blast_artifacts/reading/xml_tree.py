"""The elements of an XML report, put right where their tags do not fit each other."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field

from blast_artifacts.reading.damage import broken, warn
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.xml_scan import XmlScan
from blast_artifacts.reading.xml_text import unwrapped


@dataclass(slots=True)
class Element:
    """An open element and the texts of its leaves; `mixed`: two elements have run together."""

    name: bytes
    start: int
    line: int
    leaves: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False
    mixed: bool = False


class XmlTree(XmlScan):
    """Keeps the stack of open elements; one that cannot stand where it does closes others as broken."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._stack: list[Element] = []

    @abstractmethod
    def _began(self, name: bytes) -> None:
        """An element was opened."""

    @abstractmethod
    def _ended(self, element: Element) -> None:
        """An element was closed."""

    @abstractmethod
    def _lost(self, names: set[bytes]) -> None:
        """Something within these open elements was lost."""

    def _outside(self) -> bool:
        return not self._stack

    def _element(self, name: bytes, text: bytes | None, start: int) -> None:
        if name in self._dialect.parents:
            self._open(name, start)
            if text is not None:
                if text.strip():
                    warn(self._report, "stray_text")
                self._close(name, start)
        elif name == b"include":
            broken(self._report, "manifest_without_data", self._base + start)
        elif text is not None:
            self._leaf(name, text, start)
        elif name in self._dialect.leaves:
            self._break(start, "malformed_element")

    def _leaf(self, name: bytes, text: bytes, start: int) -> None:
        if not self._stack:
            return
        if b"\0" in text:
            self._break(start, "binary_data")
            return
        if b"<" in text:
            text = unwrapped(text)
        top = self._stack[-1]
        owner, field_name = self._dialect.leaf(name, top.name)
        if owner not in (top.name, None):
            return
        if field_name in top.leaves and top.name in self._dialect.unique:
            self._break(start, "repeated_element")
            top.mixed = True
        top.leaves[field_name] = text

    def _open(self, name: bytes, start: int) -> None:
        parents = self._dialect.parents[name]
        depth = next((n for n in range(len(self._stack), 0, -1) if self._stack[n - 1].name in parents), 0)
        if depth < len(self._stack):
            self._break(start, "unclosed_element")
            self._unwind(depth)
        elif not depth and None not in parents:
            self._break(start, "missing_parent")
        self._stack.append(Element(name, self._base + start, self._line(start)))
        self._began(name)

    def _close(self, name: bytes, start: int) -> None:
        if self._stack and self._stack[-1].name == name:
            element = self._stack.pop()
            self._ended(element)
            return
        depth = next((n for n in range(len(self._stack), 0, -1) if self._stack[n - 1].name == name), 0)
        if depth:
            self._break(start, "unclosed_element")
            self._unwind(depth)
            self._ended(self._stack.pop())
        elif name in self._dialect.parents or name in self._dialect.leaves:
            self._break(start, "unopened_element")

    def _unwind(self, depth: int) -> None:
        while len(self._stack) > depth:
            element = self._stack.pop()
            element.broken = True
            self._ended(element)

    def _break(self, start: int, reason: str) -> None:
        broken(self._report, reason, self._base + start)
        if self._stack:
            self._stack[-1].broken = True
        self._lost({element.name for element in self._stack})
