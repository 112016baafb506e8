"""A finalizer that kills itself at one of its storage operations: python -m tests.lifecycle.killed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from azure.core.pipeline.transport import RequestsTransport

from blast_artifacts.lifecycle import finalizer
from shared.health import health


def kill_at(number: int, *, carried_out: bool) -> None:
    """SIGKILL this process before, or after, its operation of that number."""
    send = RequestsTransport.send
    count = 0
    lock = threading.Lock()

    def counting(self: Any, request: Any, **options: Any) -> Any:
        nonlocal count
        with lock:
            count += 1
            mine = count == number
        if mine and not carried_out:
            os.kill(os.getpid(), signal.SIGKILL)
        response = send(self, request, **options)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    RequestsTransport.send = counting


if __name__ == "__main__":
    text, number, moment = sys.argv[1:]
    assert health() == {}, "the emulator has all that it makes on first use"
    kill_at(int(number), carried_out=moment == "after")
    print(finalizer.take_in(text))
