"""The storage emulator: Azurite on free ports, started and stopped with care."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.processes import Process, ProcessFailed
from local.setup import ROOT, node_program
from shared.connections import EMULATOR_ACCOUNT, emulator_connection_string

_SERVICES = ("Blob", "Queue", "Table")
_LISTENING = re.compile(
    ".*".join(rf"Azurite {name} service is successfully listening at \S+:(\d+)\n" for name in _SERVICES), re.S
)
_START_SECONDS = 60
_STOP_SECONDS = 20

# At the end of its input Azurite does what it does on SIGTERM, which it listens to only once it is up.
_TETHER = """\
process.stdin.on("end", () => process.listenerCount("SIGTERM") ? process.emit("SIGTERM") : process.exit())
    .resume().unref()
"""


@dataclass(frozen=True)
class Certificate:
    """Files in PEM: a certificate for 127.0.0.1, and its key."""

    chain: Path
    key: Path


class Azurite:
    """One emulator; `folder` keeps its data, without one they are in memory only.

    With a certificate it speaks HTTPS and takes tokens, as an account without keys does. Of a token it checks
    audience, issuer and times, not the signature.
    """

    def __init__(
        self, folder: Path | None = None, log: Path | None = None, certificate: Certificate | None = None
    ) -> None:
        self._folder = folder
        self._log = log
        self._certificate = certificate
        self._clean_up = ExitStack()
        self._process: Process | None = None
        self._ports = ["0"] * len(_SERVICES)
        self.connection_string = ""
        self.addresses: dict[str, str] = {}

    def start(self) -> None:
        """Return once all three services listen; raises ProcessFailed where they do not.

        After a stop it comes back where it was.
        """
        script = ROOT / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
        if not script.is_file():
            raise ProcessFailed("Azurite is not installed; any command of python3 -m local installs it")
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
        log = self._log or Path(self._clean_up.enter_context(tempfile.TemporaryDirectory())) / "azurite.log"
        where = ["--location", self._folder] if self._folder else ["--inMemoryPersistence"]
        flags_of_ports = zip(_SERVICES, self._ports, strict=True)
        ports = [word for name, port in flags_of_ports for word in (f"--{name.lower()}Port", port)]
        flags: list[str | Path] = ["--skipApiVersionCheck", "--disableTelemetry", "--silent"]
        if self._certificate:
            flags += ["--oauth", "basic", "--cert", self._certificate.chain, "--key", self._certificate.key]
        tether = ["--import", f"data:text/javascript,{_TETHER}"]
        command = [node_program(), *tether, script, *where, *ports, *flags]
        self._process = Process("azurite", command, log)
        try:
            found = self._process.wait_for(_LISTENING, _START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self._ports = list(found.groups())
        self.connection_string = emulator_connection_string(*map(int, self._ports))
        scheme = "https" if self._certificate else "http"
        for name, port in zip(_SERVICES, self._ports, strict=True):
            self.addresses[name.lower()] = f"{scheme}://127.0.0.1:{port}/{EMULATOR_ACCOUNT}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def check(self) -> None:
        """Raises ProcessFailed where the emulator has ended by itself."""
        if self._process and self._process.has_ended:
            raise self._process.failure()

    def stop(self) -> None:
        """Ask it to end, and wait: killed outright it loses writes that it had acknowledged."""
        if self._process:
            self._process.stop(_STOP_SECONDS)
        self._clean_up.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
