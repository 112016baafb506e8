"""All processes of the app on one machine: emulator, three roles of the host, and the pipeline."""

from __future__ import annotations

import os
import re
import secrets
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from local.azurite import Azurite
from local.faults import FaultProxy, Faults
from local.folder_lock import FolderLock
from local.processes import Process
from local.setup import ROOT

_LISTENING = re.compile(r"^listening (http://127\.0\.0\.1:(\d+))$", re.M)
_START_SECONDS = 60
_STOP_SECONDS = 8
_FEW, _SHORT_SECONDS = 3, 60


class Stack:
    """The running app, with its data and logs in the folder `data`; a context manager.

    `port` is that of the HTTP role, 0 for any free one; `page` is the folder of the built page, served there
    too. Without `pipeline` searches wait for another. `say` is told what happens. `master_key` opens the
    host's /admin.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        workers: int = 1,
        app: Path = ROOT,
        page: Path | None = None,
        say: Callable[[str], None] = print,
        pipeline: bool = True,
        faults: Faults | None = None,
    ) -> None:
        self._data = data.resolve()
        self._say = say
        self._lock = FolderLock(self._data)
        self._azurite = Azurite(self._data / "azurite", self._log("azurite"))
        self._faults = faults
        self.proxy: FaultProxy | None = None
        host = ["local.host", "--app", str(app.resolve())]
        served = ["--page", str(page.resolve())] if page else []
        self._modules = {
            "http": [*host, "--role", "http", *served, "--port", str(port)],
            "events": [*host, "--role", "events", "--port", "0"],
            **{f"build-{n + 1}": [*host, "--role", "build", "--port", "0"] for n in range(workers)},
        }
        if pipeline:
            self._modules["pipeline"] = ["local.pipeline", "--data", str(self._data / "pipeline")]
        self._processes: dict[str, Process] = {}
        self._restarts: dict[str, deque[float]] = {name: deque(maxlen=_FEW) for name in self._modules}
        self.environment: dict[str, str] = {}
        self.master_key = secrets.token_urlsafe(24)
        self.addresses: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Where the app's HTTP functions are, as `http://127.0.0.1:7071`."""
        return self.addresses["http"]

    @property
    def storage(self) -> str:
        """The emulator's own connection string, past all faults."""
        return self._azurite.connection_string

    @property
    def logs(self) -> Path:
        """The folder of everything that the processes wrote."""
        return self._data / "logs"

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of what was started."""
        emulator = {"azurite": self._azurite.pid} if self._azurite.pid else {}
        return {**emulator, **{name: process.pid for name, process in self._processes.items()}}

    def start(self) -> None:
        """Return once every role is ready; on any error nothing is left running."""
        self._lock.take()
        try:
            self._remove_old_logs()
            self._say("starting the storage emulator")
            self._azurite.start()
            if self._faults:
                self.proxy = FaultProxy(self.storage, self._faults)
                self.proxy.start()
            self.environment = self._settings()
            self._say(f"starting {', '.join(self._modules)}")
            for name in self._modules:
                self._start(name)
            for name, process in self._processes.items():
                if self._is_host(name):
                    found = process.wait_for(_LISTENING, _START_SECONDS)
                    self.addresses[name] = found[1]
                    # A role that is started again comes back where it was.
                    self._modules[name][-1] = found[2]
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Start again what has ended; raises ProcessFailed for the emulator, and for what keeps ending."""
        self._azurite.check()
        for name, process in list(self._processes.items()):
            if not process.has_ended:
                continue
            restarts = self._restarts[name]
            if len(restarts) == _FEW and time.monotonic() - restarts[0] < _SHORT_SECONDS:
                raise process.failure()
            self._say(f"{process.failure()}\n{name} is started again")
            process.stop(0)
            restarts.append(time.monotonic())
            self._start(name)

    def restart_storage(self, seconds: float) -> None:
        """Stop the emulator, and start it again after so many seconds on the same data and ports."""
        if self.proxy:
            # Nobody may knock on a port that is free: the knock itself can come to hold it.
            self.proxy.is_cut = True
        self._azurite.stop()
        time.sleep(seconds)
        self._azurite.start()
        if self.proxy:
            self.proxy.is_cut = False

    def stop(self) -> None:
        """End everything, the emulator last."""
        with _signals_held():
            for process in self._processes.values():
                process.ask_to_end()
            until = time.monotonic() + _STOP_SECONDS
            for process in self._processes.values():
                process.stop(max(0.0, until - time.monotonic()))
            if self.proxy:
                self.proxy.stop()
            self._azurite.stop()
            self._lock.release()

    def _start(self, name: str) -> None:
        command = [sys.executable, "-m", "local.tethered", *self._modules[name]]
        in_background = name.startswith("build")
        self._processes[name] = Process(name, command, self._log(name), self.environment, in_background)

    def _is_host(self, name: str) -> bool:
        return self._modules[name][0] == "local.host"

    def _settings(self) -> dict[str, str]:
        """This process's environment, but for settings that would lead to another storage account."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AzureWebJobs")}
        return {
            **own,
            "AzureWebJobsStorage": self.proxy.connection_string if self.proxy else self.storage,
            "BLAST_STORAGE_CONNECTION": "AzureWebJobsStorage",
            "AUTH_MODE": "local",
            "LOCAL_HOST_MASTER_KEY": self.master_key,
            "LOCAL_HOST_FUNCTION_KEY": secrets.token_urlsafe(24),
        }

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _remove_old_logs(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """SIGTERM and Ctrl-C raise KeyboardInterrupt, also where a shell started us with Ctrl-C ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ignore SIGTERM and Ctrl-C: a second one must not cut the stop short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
