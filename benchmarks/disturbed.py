"""The local stack under faults: shares of what its storage does to it, and blows to its processes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from local.environment import environment
from local.faults import Fault, Faults
from local.stack import Stack
from shared import storage

SHARES = {
    Fault.REFUSE: 0.01,
    Fault.CUT_BEFORE: 0.01,
    Fault.CUT_AFTER: 0.015,
    Fault.DELAY: 0.02,
    Fault.TWICE: 0.2,
}
QUICK = {
    "LEASE_SECONDS": "4",
    "RENEWAL_SECONDS": "1",
    "RETRY_BASE_SECONDS": "1",
    "RETRY_CAP_SECONDS": "8",
    "SUBMIT_RESUME_SECONDS": "3",
    "CANCEL_TIMEOUT": "10",
    "BACKFILL_SCHEDULE": "*/2 * * * * *",
    "LOCAL_HOST_LOCK_SECONDS": "6",
}
"""Times of leases, back-offs and timers, all shorter than in Azure by about the same factor."""


_LONGEST_DOWN = 8.0


@contextmanager
def running(data: Path, workers: int, faults: Faults) -> Iterator[Stack]:
    """The stack with its faults; this process reaches its storage past them."""
    # What the caller's environment says goes before.
    quick = {name: os.environ.get(name, value) for name, value in QUICK.items()}
    with (
        environment(quick),
        Stack(data, workers=workers, say=lambda _: None, pipeline=False, faults=faults) as stack,
        environment({**stack.environment, "AzureWebJobsStorage": stack.storage}),
    ):
        storage.forget()
        try:
            yield stack
        finally:
            storage.forget()


class Blows:
    """Kills the processes of a stack in turn, and restarts its storage, each about so often in seconds.

    A process is spared that has been killed often of late: the stack gives such a one up.
    """

    def __init__(self, stack: Stack, seed: int, kill_every: float, restart_every: float) -> None:
        self._stack = stack
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._kill_every, self._restart_every = kill_every, restart_every
        names = [name for name in stack.pids if name != "azurite"]
        self._turn = cycle(sorted(names, key=lambda name: self._chance.random()))
        self._next_kill = time.monotonic() + kill_every
        self._next_restart = time.monotonic() + restart_every
        self.kills: Counter[str] = Counter()
        self.restarts = 0

    @property
    def fell(self) -> bool:
        """Whether there was one of each at least."""
        return bool(self.kills and self.restarts)

    def fall(self) -> None:
        """What is due by now."""
        self._stack.watch()
        if time.monotonic() >= self._next_kill:
            name = next(self._turn)
            os.kill(self._stack.pids[name], signal.SIGKILL)
            self.kills[name] += 1
            self._next_kill = time.monotonic() + self._kill_every * self._chance.uniform(0.75, 1.25)
        if time.monotonic() >= self._next_restart:
            longest = min(_LONGEST_DOWN, self._restart_every)
            self._stack.restart_storage(self._chance.uniform(0, longest))
            self.restarts += 1
            self._next_restart = time.monotonic() + self._restart_every * self._chance.uniform(0.5, 1.5)
