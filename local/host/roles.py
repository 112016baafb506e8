"""A host put together for one role: which functions it serves, and through what."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from local.host.calls import Calls
from local.host.config import ConfigError, HostSettings, is_disabled
from local.host.queues import QueueSender, QueueTrigger, queue_of
from local.host.timers import TimerTrigger, host_id
from local.host.web import Keys, Route, Web
from local.host.worker import Function, Worker
from shared.settings import read_settings

log = logging.getLogger("host")

ROLES = ("http", "events", "build", "all")


class Host:
    """The parts of a running host, put together for one role."""

    def __init__(self, folder: Path, role: str, settings: HostSettings) -> None:
        self._folder = folder
        self._role = role
        self._settings = settings
        self._worker = Worker(folder)
        self._senders: dict[str, QueueSender] = {}
        self._triggers: dict[str, QueueTrigger | TimerTrigger] = {}
        self._routes: list[Route] = []
        self._faults: list[str] = []
        self.calls = Calls(self._worker, settings, self._senders)

    async def start(self, keys: Keys) -> Web:
        """Index the app and set up its triggers; a function with a fault is said and left out."""
        await self._worker.start()
        for function in self._worker.functions:
            try:
                self._set_up(function)
            except (ValueError, LookupError) as error:
                self._faults.append(f"The function {function.name!r} is in error: {error}")
                log.error("%s", self._faults[-1])
        return Web(self.calls, self._settings, keys, self._routes, self._triggers, self._status)

    def listeners(self) -> list[QueueTrigger | TimerTrigger]:
        """The triggers that this role listens to."""
        return [
            trigger
            for name, trigger in self._triggers.items()
            if self._role in ("all", _role_of(trigger)) and not is_disabled(name, os.environ)
        ]

    def stop(self) -> None:
        self._worker.stop()
        for sender in self._senders.values():
            sender.close()

    def _set_up(self, function: Function) -> None:
        for binding in function.bindings:
            if binding["type"] == "queue" and str(binding.get("direction")).upper() == "OUT":
                name, connection = queue_of(binding, os.environ)
                sender = QueueSender(name, connection, self._settings.queues)
                self._senders[f"{function.name}.{binding['name']}"] = sender
            elif binding["type"] not in ("http", "httpTrigger", "queueTrigger", "timerTrigger"):
                raise ConfigError(f"this host has no binding of the type {binding['type']}")
        kind = function.trigger["type"]
        if kind == "queueTrigger":
            self._triggers[function.name] = QueueTrigger(
                function, self._settings.queues, os.environ, self.calls
            )
        elif kind == "timerTrigger":
            host = host_id(self._folder, os.environ)
            self._triggers[function.name] = TimerTrigger(function, host, os.environ, self.calls)
        elif self._role in ("all", "http"):
            self._routes.append(Route.of(function, self._settings.route_prefix, os.environ))

    def _status(self) -> dict[str, object]:
        return {
            "id": host_id(self._folder, os.environ),
            "state": "Running",
            "version": "4",
            "role": self._role,
            "functions": [function.name for function in self._worker.functions],
            "errors": self._faults,
        }


def _role_of(trigger: QueueTrigger | TimerTrigger) -> str:
    heavy = read_settings(os.environ).artifacts_queue.lower()
    return "build" if isinstance(trigger, QueueTrigger) and trigger.queue == heavy else "events"
