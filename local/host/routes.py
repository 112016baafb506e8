"""Route templates as ASP.NET matches them, for paths of an HTTP function."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

Constraint = Callable[[str], bool]


class RouteError(ValueError):
    """A template, or a constraint in it, that cannot be matched."""


@dataclass(frozen=True)
class _Parameter:
    name: str
    constraints: tuple[Constraint, ...]
    optional: bool = False
    catch_all: bool = False
    default: str | None = None

    def accepts(self, value: str) -> bool:
        return all(holds(value) for holds in self.constraints)


@dataclass(frozen=True)
class _Segment:
    """One stretch between slashes: a pattern with a group for each parameter."""

    pattern: re.Pattern[str]
    parameters: tuple[_Parameter, ...]

    @property
    def may_be_absent(self) -> bool:
        first = self.parameters[0] if self.parameters else None
        return first is not None and (first.optional or first.catch_all or first.default is not None)


class Template:
    """A parsed template such as `jobs/{job_id:guid}/files/{*path}`; raises RouteError."""

    def __init__(self, text: str) -> None:
        self.text = text.strip("/")
        self._segments = [_parse_segment(part) for part in _split(self.text)] if self.text else []
        parameters = [each for segment in self._segments for each in segment.parameters]
        names = [each.name.lower() for each in parameters]
        if len(names) != len(set(names)):
            raise RouteError(f"{text!r}: a parameter occurs twice")
        if any(each.catch_all for segment in self._segments[:-1] for each in segment.parameters):
            raise RouteError(f"{text!r}: a catch-all parameter must come last")

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """Values by parameter name, in the caller's case; None where the path is another one."""
        values: dict[str, str] = {}
        for index, segment in enumerate(self._segments):
            here = segments[index] if index < len(segments) else None
            if segment.parameters and segment.parameters[0].catch_all:
                here = "/".join(segments[index:]) or None
                segments = segments[: index + 1]
            if here is None:
                if not segment.may_be_absent:
                    return None
                parameter = segment.parameters[0]
                if parameter.default is not None:
                    values[parameter.name] = parameter.default
                continue
            found = segment.pattern.fullmatch(here)
            if not found:
                return None
            for parameter, value in zip(segment.parameters, found.groups(), strict=True):
                if not parameter.accepts(value):
                    return None
                values[parameter.name] = value
        return values if len(segments) <= len(self._segments) else None


def path_segments(raw_path: bytes) -> list[str] | None:
    """The segments of a request path, decoded; None where the path is not a valid one.

    As Kestrel does it: an encoded slash stays encoded, what is not UTF-8 stays as it came, dot segments are
    removed, one slash at the end counts for nothing.
    """
    segments: list[str] = []
    for raw in raw_path.removeprefix(b"/").split(b"/"):
        segment = _decode(raw)
        if "\0" in segment:
            return None
        if segment == "..":
            segments = segments[:-1]
        elif segment != ".":
            segments.append(segment)
    return segments[:-1] if segments and not segments[-1] else segments


def _decode(raw: bytes) -> str:
    try:
        pieces = re.split(rb"(%2[fF])", raw)
        return "".join(
            piece.decode() if index % 2 else unquote_to_bytes(piece).decode()
            for index, piece in enumerate(pieces)
        )
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _split(text: str) -> list[str]:
    """Parts between slashes that do not stand inside braces, where a regex constraint may hold some."""
    parts, depth = [""], 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "/" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    if depth:
        raise RouteError(f"{text!r}: the braces do not pair")
    if "" in parts:
        raise RouteError(f"{text!r}: an empty segment")
    return parts


def _parse_segment(part: str) -> _Segment:
    pattern, parameters, position = "", [], 0
    while position < len(part):
        if part[position] == "{" and part[position + 1 : position + 2] != "{":
            end = _closing(part, position)
            parameter = _parse_parameter(part[position + 1 : end])
            pattern += "(.*)" if parameter.catch_all else "(.+)"
            parameters.append(parameter)
            position = end + 1
        else:
            doubled = part[position : position + 2] in ("{{", "}}")
            pattern += re.escape(part[position])
            position += 2 if doubled else 1
    alone = len(parameters) == 1 and pattern in ("(.+)", "(.*)")
    special = any(each.optional or each.catch_all or each.default is not None for each in parameters)
    if special and not alone:
        raise RouteError(f"{part!r}: an optional, default or catch-all parameter must stand alone")
    return _Segment(re.compile(pattern, re.IGNORECASE | re.DOTALL), tuple(parameters))


def _closing(part: str, start: int) -> int:
    """Where the parameter that opens at `start` closes; a brace inside it is written twice."""
    position = start + 1
    while position < len(part):
        if part[position : position + 2] in ("{{", "}}") and part[position : position + 3] != "}}}":
            position += 2
        elif part[position : position + 3] == "}}}":
            return position + 2
        elif part[position] == "}":
            return position
        else:
            position += 1
    raise RouteError(f"{part!r}: a parameter is not closed")


_NAME = re.compile(r"(\*{0,2})([^:=?*{}]+)")
_CONSTRAINT = re.compile(r":([^:=?(]+(?:\(.*?\)(?=[:=]|\??$))?)")


def _parse_parameter(text: str) -> _Parameter:
    text = text.replace("{{", "{").replace("}}", "}")
    start = _NAME.match(text)
    position, constraints = start.end() if start else 0, []
    while found := _CONSTRAINT.match(text, position):
        constraints.append(_constraint(found[1]))
        position = found.end()
    tail = text[position:]
    if not start or (tail not in ("", "?") and not tail.startswith("=")):
        raise RouteError(f"{{{text}}} is not a route parameter")
    return _Parameter(
        name=start[2],
        constraints=tuple(constraints),
        optional=tail == "?",
        catch_all=bool(start[1]),
        default=tail[1:] if tail.startswith("=") else None,
    )


def _constraint(text: str) -> Constraint:
    name, _, rest = text.partition("(")
    argument = rest.removesuffix(")")
    try:
        if name == "regex":
            expression = re.compile(argument, re.IGNORECASE)
            return lambda value: expression.search(value) is not None
        if name in _SIMPLE and not rest:
            return _SIMPLE[name]
        if name in _SIZED:
            return _SIZED[name](*(int(each) for each in argument.split(",")))
    except (re.error, ValueError, TypeError) as error:
        raise RouteError(f"the route constraint {text!r} cannot be read: {error}") from error
    raise RouteError(f"the route constraint {text!r} is not one that this host knows")


def _whole(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\s*[+-]?[0-9]+\s*", value, re.ASCII) else None


def _within(low: int, high: int) -> Constraint:
    def holds(value: str) -> bool:
        number = _whole(value)
        return number is not None and low <= number <= high

    return holds


def _length(low: int, high: int | None = None) -> Constraint:
    return lambda value: low <= len(value) <= (low if high is None else high)


def _is_guid(value: str) -> bool:
    hexadecimal = "[0-9a-f]"
    dashed = f"{hexadecimal}{{8}}(-{hexadecimal}{{4}}){{3}}-{hexadecimal}{{12}}"
    forms = rf"{hexadecimal}{{32}}|{dashed}|\{{{dashed}\}}|\({dashed}\)"
    return re.fullmatch(forms, value.strip(), re.IGNORECASE) is not None


_LONG = 2**63
_SIMPLE: dict[str, Constraint] = {
    "int": _within(-(2**31), 2**31 - 1),
    "long": _within(-_LONG, _LONG - 1),
    "bool": lambda value: value.strip().lower() in ("true", "false"),
    "guid": _is_guid,
    "alpha": lambda value: re.fullmatch("[a-zA-Z]*", value) is not None,
    "required": bool,
}
_SIZED: dict[str, Callable[..., Constraint]] = {
    "length": _length,
    "minlength": lambda low: lambda value: len(value) >= low,
    "maxlength": lambda high: lambda value: len(value) <= high,
    "min": lambda low: _within(low, _LONG - 1),
    "max": lambda high: _within(-_LONG, high),
    "range": _within,
}
