"""A host as a process of its own, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[3]
APPS = Path(__file__).parent / "apps"
MASTER, FUNCTION = "the-master-key", "the-function-key"


@dataclass
class RunningHost:
    process: subprocess.Popen[str]
    log_path: Path

    @cached_property
    def address(self) -> str:
        """Waits until the host listens; empty where it ended before that."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().removeprefix("listening").strip()

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Send SIGTERM once the host listens; the exit status."""
        assert self.address
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def running_host(
    app: str | Path,
    log_path: Path,
    role: str = "all",
    settings: Mapping[str, str] | None = None,
    words: Sequence[str] = (),
    cwd: Path = ROOT,
) -> Iterator[RunningHost]:
    """A host that starts on a free port, gone at the end; `app` is the name of a sample app, or a folder.

    `words` go on its command line. Modules of the folder `cwd` go before those of the project.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AzureWebJobs")},
        "PYTHONPATH": str(ROOT),
        "LOCAL_HOST_MASTER_KEY": MASTER,
        "LOCAL_HOST_FUNCTION_KEY": FUNCTION,
        **(settings or {}),
    }
    command = [sys.executable, "-m", "local.host", "--app", str(APPS / app), "--role", role, "--port", "0"]
    command += words
    with (
        log_path.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            yield RunningHost(process, log_path)
        finally:
            process.kill()


def until(holds: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something holds; fails after that many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold in time"
        time.sleep(0.02)
