"""The HTTP side: functions by their routes, keys, and the host's own /admin."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from local.host.calls import Calls
from local.host.config import HostSettings, is_disabled, resolve_names
from local.host.routes import Template, path_segments
from local.host.worker import Function, HttpAnswer, HttpCall

log = logging.getLogger("host.web")

_LONGEST_URL = 8192
_BODILESS = (204, 304)
_HOME = "<!DOCTYPE html><title>Function host</title><p>Your function app is up and running."


class Trigger(Protocol):
    """A queue or timer trigger, for the operator who starts it by hand."""

    async def by_hand(self, text: str) -> None: ...


@dataclass(frozen=True)
class Keys:
    """What opens functions: `function` those of the level function, `master` everything."""

    master: str
    function: str

    def open(self, level: str, given: str) -> bool:
        """Whether a key opens a function of that level."""
        keys = {"anonymous": (), "function": (self.function, self.master)}.get(level, (self.master,))
        return level == "anonymous" or any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)


@dataclass(frozen=True)
class Route:
    """An HTTP function behind its template; no `methods` means all."""

    function: Function
    template: Template
    methods: frozenset[str]
    level: str
    disabled: bool

    @classmethod
    def of(cls, function: Function, prefix: str, environment: Mapping[str, str]) -> Route:
        """Raises RouteError or ConfigError."""
        trigger = function.trigger
        path = resolve_names(trigger.get("route") or function.name, environment)
        methods = frozenset(method.upper() for method in trigger.get("methods") or ())
        level = str(trigger.get("authLevel") or "function").lower()
        template = Template(f"{prefix}/{path.strip('/')}")
        return cls(function, template, methods, level, is_disabled(function.name, environment))


class Web:
    """The ASGI app. Routes are tried in order; a wrong method is a route that does not match."""

    def __init__(
        self,
        calls: Calls,
        settings: HostSettings,
        keys: Keys,
        routes: list[Route],
        triggers: Mapping[str, Trigger],
        status: Callable[[], dict[str, object]],
    ) -> None:
        self._calls = calls
        self._settings = settings
        self._keys = keys
        self._routes = routes
        self._triggers = {name.lower(): trigger for name, trigger in triggers.items()}
        self._status = status
        self.by_hand: set[asyncio.Task[None]] = set()
        self._admin: list[tuple[Template, str, Callable[..., Awaitable[Response]]]] = [
            (Template("admin/functions/{name}"), "POST", self._start_by_hand),
            (Template("admin/host/status"), "GET", self._host_status),
            (Template("admin/host/ping"), "GET POST", self._ping),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        raw_path: bytes = request.scope["raw_path"]
        if len(raw_path) + len(request.scope["query_string"]) > _LONGEST_URL:
            return Response(status_code=414)
        segments = path_segments(raw_path)
        if segments is None:
            return Response(status_code=400)
        for template, methods, answer in self._admin:
            values = template.match(segments)
            if values is not None and request.method in methods.split():
                return await answer(request, **values)
        for route in self._routes:
            values = route.template.match(segments)
            if values is not None and (not route.methods or request.method in route.methods):
                return await self._call_function(route, values, request)
        return self._home() if not segments and request.method == "GET" else Response(status_code=404)

    async def _call_function(self, route: Route, values: Mapping[str, str], request: Request) -> Response:
        query = _query(request.scope["query_string"])
        given = _given_key(request, query)
        if route.disabled and not self._keys.open("admin", given):
            return Response(status_code=404)
        if not self._keys.open(route.level, given):
            return Response(status_code=401)
        body = await self._body(request)
        if body is None:
            return Response(status_code=413)
        call = HttpCall(
            method=request.method,
            url=_url(request),
            headers=_joined_headers(request),
            route=values,
            query={name: value for name, value in query.items() if value},
            body=body,
        )
        returned = await self._calls.call(route.function, call)
        if returned.error is not None or returned.answer is None:
            return Response(status_code=500)
        return _response(route.function, request.method, returned.answer)

    async def _body(self, request: Request) -> bytes | None:
        """The body, where Content-Length tells its size; without one it is empty. None if too large."""
        headers = request.headers
        if "transfer-encoding" in headers or int(headers.get("content-length") or 0) == 0:
            return b""
        if int(headers["content-length"]) > self._settings.max_body_bytes:
            return None
        return await request.body()

    def _is_admin(self, request: Request) -> bool:
        return self._keys.open("admin", _given_key(request, _query(request.scope["query_string"])))

    async def _start_by_hand(self, request: Request, name: str) -> Response:
        """Run a queue or timer function now; 202 before it has run."""
        if not self._is_admin(request):
            return Response(status_code=401)
        trigger = self._triggers.get(name.lower())
        if trigger is None:
            return Response(status_code=404)
        try:
            text = json.loads(await self._body(request) or b"").get("input", "")
        except (ValueError, AttributeError):
            return Response(status_code=400)
        task = asyncio.create_task(trigger.by_hand(text if isinstance(text, str) else json.dumps(text)))
        self.by_hand.add(task)
        task.add_done_callback(self.by_hand.discard)
        return Response(status_code=202)

    async def _host_status(self, request: Request) -> Response:
        return JSONResponse(self._status()) if self._is_admin(request) else Response(status_code=401)

    async def _ping(self, _request: Request) -> Response:
        return Response()

    def _home(self) -> Response:
        return HTMLResponse(_HOME) if self._settings.home_page else Response(status_code=204)


def _given_key(request: Request, query: Mapping[str, str]) -> str:
    """The key of the header, else of the query."""
    by_query = (value for name, value in query.items() if name.lower() == "code")
    return request.headers.get("x-functions-key") or next(by_query, "")


def _url(request: Request) -> str:
    """The address as the caller wrote it: starlette's own has the path decoded."""
    scope = request.scope
    path, query = (scope[part].decode("latin-1") for part in ("raw_path", "query_string"))
    return f"{scope['scheme']}://{request.headers.get('host', '')}{path}{'?' if query else ''}{query}"


def _query(raw: bytes) -> dict[str, str]:
    """Values by name, those of a repeated one joined; a name in another case is the same name."""
    values: dict[str, tuple[str, list[str]]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name.lower(), (name, []))[1].append(value)
    return {name: ",".join(each) for name, each in values.values()}


def _joined_headers(request: Request) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        values.setdefault(name.lower(), []).append(value)
    return {name: ",".join(each) for name, each in values.items()}


def _response(function: Function, method: str, answer: HttpAnswer) -> Response:
    """The function's answer untouched; 500 where it breaks HTTP, as the real server refuses it."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    stated = headers.pop("content-length", None)
    if method == "HEAD":
        body = b""
        headers["content-length"] = stated or str(len(answer.body))
    else:
        body = answer.body
        if (stated is not None and stated != str(len(body))) or (body and answer.status in _BODILESS):
            log.error("%s: a body of %d bytes does not fit its answer", function.name, len(body))
            return Response(status_code=500)
    response = Response(body, answer.status, headers)
    for cookie in answer.cookies:
        response.headers.append("set-cookie", cookie)
    return response
