"""Child processes that leave nothing behind: their output in a file, their life tied to ours.

The standard input of each is a pipe that is never written to. It closes when the child shall end, and also
when this process dies in whatever way; the children watch it: `local.tethered`, for Node some JavaScript.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.setup import ROOT

_POLL_SECONDS = 0.02
_TAIL_LINES = 20
_NICENESS = 10


class ProcessFailed(Exception):
    """A child did not start, or ended by itself; the text has the last lines that it wrote."""


class Process:
    """A running child in a process group of its own; what it writes is added to the file `log`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str] | None = None,
        in_background: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self.started = time.monotonic()
        self._before = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=environment,
                **_own_group(in_background),
            )
        if in_background and sys.platform != "win32":
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, self.pid, _NICENESS)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def wait_for(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """Where the pattern is in the child's output; raises ProcessFailed if it ends or takes too long."""
        end = time.monotonic() + seconds
        while True:
            ended = self.has_ended
            if found := pattern.search(self._said()):
                return found
            if ended:
                raise self.failure()
            if time.monotonic() > end:
                raise ProcessFailed(f"{self.name} was not ready after {seconds:.0f} s{self._tail()}")
            time.sleep(_POLL_SECONDS)

    def failure(self) -> ProcessFailed:
        """Why a child that has ended by itself is of no use."""
        return ProcessFailed(f"{self.name} ended with status {self._process.returncode}{self._tail()}")

    def ask_to_end(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()

    def stop(self, seconds: float) -> None:
        """Ask to end and wait; what is left of its group after that many seconds is killed."""
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def _said(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self._before)
            return file.read().decode("utf-8", "replace")

    def _tail(self) -> str:
        lines = self._said().splitlines()[-_TAIL_LINES:]
        quoted = "".join(f"\n  | {line}" for line in lines)
        return f"; {self.log} ends:{quoted}" if lines else f" and wrote nothing to {self.log}"


def _own_group(in_background: bool) -> dict[str, Any]:
    # Ctrl-C in a terminal goes to its whole group; here the parent alone decides the order in which to end.
    if sys.platform == "win32":
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if in_background else 0
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | priority}
    return {"start_new_session": True}
