"""Storage operations counted, and cut off, where they leave the process: at the SDK's transport."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport

Hook = Callable[[str], None]


class Stopped(BaseException):
    """The process stopped; no handler of the app may see it."""


class Operations:
    """What went over the wire: `GET /path` each."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __len__(self) -> int:
        return len(self.seen)


@contextmanager
def operations(
    stop_after: int | None = None, before: Hook | None = None, after: Hook | None = None
) -> Iterator[Operations]:
    """Counts operations while the body runs; after the one numbered `stop_after`, from 1, raises Stopped.

    That operation has then been carried out, and its reply has not been seen. `before` and `after` are called
    with each operation, and may raise.
    """
    counted = Operations()
    send = RequestsTransport.send

    def counting(self: Any, request: Any, **options: Any) -> Any:
        operation = f"{request.method} {request.url.partition('?')[0]}"
        if before:
            before(operation)
        response = send(self, request, **options)
        counted.seen.append(operation)
        try:
            if len(counted) == stop_after:
                raise Stopped
            if after:
                after(operation)
        except BaseException:
            response.internal_response.close()  # a process that stops closes its connections
            raise
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", counting)
        yield counted


def stop_at(part: str) -> Hook:
    """Stops the process at the first operation whose address has that part."""

    def hook(operation: str) -> None:
        if part in operation:
            raise Stopped

    return hook


def lose_reply(part: str) -> Hook:
    """Loses the reply of the first operation whose address has that part."""
    lost: list[str] = []

    def hook(operation: str) -> None:
        if part in operation and not lost:
            lost.append(operation)
            raise ServiceResponseError("the connection broke")

    return hook


def once(part: str, act: Callable[[], object]) -> Hook:
    """Lets something happen at the first operation whose address has that part."""
    done: list[str] = []

    def hook(operation: str) -> None:
        if part in operation and not done:
            done.append(operation)
            act()

    return hook


def at(number: int, counts: Callable[[str], bool], act: Callable[[], object]) -> Hook:
    """Lets something happen at the operation of that number, from 1, among those that count."""
    seen: list[str] = []

    def hook(operation: str) -> None:
        if len(seen) < number and counts(operation):
            seen.append(operation)
            if len(seen) == number:
                act()

    return hook
