"""Storage operations counted, and cut off, where they leave the process: at the SDK's transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport


class Stopped(BaseException):
    """The process stopped; no handler of the app may see it."""


class Operations:
    """What went over the wire: `GET /path` each."""

    def __init__(self, stop_after: int | None) -> None:
        self.seen: list[str] = []
        self._stop_after = stop_after

    def __len__(self) -> int:
        return len(self.seen)

    def passed(self, request: Any) -> None:
        self.seen.append(f"{request.method} {request.url.partition('?')[0]}")
        if len(self.seen) == self._stop_after:
            raise Stopped


@contextmanager
def operations(stop_after: int | None = None) -> Iterator[Operations]:
    """Counts operations while the body runs; after the one numbered `stop_after`, from 1, raises Stopped.

    That operation has then been carried out, and its reply has not been seen.
    """
    counted = Operations(stop_after)
    send = RequestsTransport.send

    def counting(self: Any, request: Any, **options: Any) -> Any:
        response = send(self, request, **options)
        counted.passed(request)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", counting)
        yield counted
