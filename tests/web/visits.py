"""Somebody who looks at the page, and what they ask of the API beside it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize

from local.stack import Stack
from tests.local.host.running import until

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


@dataclass
class Visitor:
    """`page` is the browser's; `requests` are the addresses that it asked for, `complaints` its console's."""

    address: str
    name: str
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _responses: list[Response] = field(default_factory=list)

    @classmethod
    @contextmanager
    def at(
        cls, stack: Stack, browser: Browser, size: ViewportSize = WIDE, name: str = "", dark: bool = False
    ) -> Iterator[Self]:
        """Somebody, new if without a name, whom the page knows; nothing may go wrong unseen."""
        name = name or f"visitor-{uuid.uuid4().hex[:8]}"
        with browser.new_context(viewport=size, color_scheme="dark" if dark else "light") as context:
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            context.add_init_script(f"localStorage.setItem('local-user', '{name}')")
            page = context.new_page()
            page.set_default_timeout(30_000)
            visitor = cls(stack.address, name, page)
            page.on("request", visitor._note)
            page.on("response", visitor._keep)
            page.on("console", visitor._hear)
            page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
            yield visitor
            assert not visitor.complaints

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def stay(self, path: str) -> Page:
        """Goes there if the page is elsewhere."""
        return self.page if self.page.url == self.address + path else self.go(path)

    def bodies(self, *marks: str) -> Iterator[bytes]:
        """What was answered, as plain bytes, to the requests whose address has all of these marks."""
        for response in self._responses:
            if all(mark in response.url for mark in marks):
                yield response.body()

    def submit(self, query: str, **more: Any) -> str:
        """Submit a search of proteins past the page; its job id."""
        body = {"program": "blastp", "database": "sample-proteins", "query": query, **more}
        return str(self.ask("POST", "", json=body)["job_id"])

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Ask the API past the page."""
        return ask(self.address, self.name, method, path, **options)

    def settled(self, job_id: str) -> Any:
        """The job once it has ended and all of its artifacts stand, or have failed."""
        return settled(self.address, self.name, job_id)

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def _keep(self, response: Response) -> None:
        self._responses.append(response)

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal by the API is said by the browser too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


def ask(address: str, user: str, method: str, path: str, **options: Any) -> Any:
    headers = {"X-Local-User": user}
    answer = requests.request(
        method, f"{address}/api/blast/jobs{path}", headers=headers, timeout=20, **options
    )
    assert answer.ok, answer.text
    return answer.json()


def settled(address: str, user: str, job_id: str) -> Any:
    job: Any = None

    def is_settled() -> bool:
        nonlocal job
        job = ask(address, user, "GET", f"/{job_id}")
        states = {artifact["state"] for artifact in job["artifacts"].values()}
        return job["finished_at"] is not None and not states & {"missing", "pending"}

    until(is_settled)
    return job
