"""The built page at the app's own address: what a Static Web App does for it in Azure."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.page import CONFIGURATION
from local.setup import BUILT

_OF_THE_HOST = ("api", "admin")
_ASSETS = "assets"


class WithPage:
    """An ASGI app with the page around it: GET of anything but /api and /admin is the page's.

    A path that is no file is one of the page's own addresses and answers with its index.html, except below
    /assets. Headers are those that the page's Static Web App configuration sets on everything.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._files = StaticFiles(directory=folder)
        self._index = folder / "index.html"
        configuration = json.loads((folder / CONFIGURATION).read_text("utf-8"))
        self._headers: dict[str, str] = configuration["globalHeaders"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].strip("/").partition("/")[0].lower() if scope["type"] == "http" else "api"
        if first in _OF_THE_HOST or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers["Cache-Control"] = "max-age=31536000, immutable" if first == _ASSETS else "no-cache"
            await send(message)

        response = await self._response(first, scope)
        await response(scope, receive, send_with_headers)

    async def _response(self, first: str, scope: Scope) -> Response:
        name = self._files.get_path(scope)
        if name in (CONFIGURATION, BUILT):
            return Response(status_code=404)
        try:
            return await self._files.get_response(name, scope)
        except HTTPException:
            return Response(status_code=404) if first == _ASSETS else FileResponse(self._index)
