"""One invocation: the call, its outputs, its time limit and its line in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
import uuid
from collections.abc import Mapping

from local.host.config import HostSettings
from local.host.queues import QueueSender
from local.host.worker import Function, HttpCall, Json, Returned, Worker

log = logging.getLogger("host")


class Calls:
    """Calls functions of the app. `under_way` counts those that still hold a thread."""

    def __init__(self, worker: Worker, settings: HostSettings, senders: Mapping[str, QueueSender]) -> None:
        self._worker = worker
        self._timeout = settings.function_timeout
        self._senders = senders
        self.under_way = 0

    async def call(
        self,
        function: Function,
        value: str | Json | HttpCall,
        metadata: Mapping[str, str | Json] | None = None,
    ) -> Returned:
        """Call a function and write its outputs; a failure of either is the `error` of what comes back."""
        invocation_id = str(uuid.uuid4())
        started = time.perf_counter()
        watchdog = None
        if self._timeout is not None:
            loop = asyncio.get_running_loop()
            watchdog = loop.call_later(self._timeout, self._expire, function, invocation_id)
        self.under_way += 1
        # Not in `finally`: a cancelled call still holds its thread, and the process must not wait for it.
        returned = await self._worker.run(function, invocation_id, value, metadata or {})
        self.under_way -= 1
        if watchdog is not None:
            watchdog.cancel()
        if returned.error is None and returned.outputs:
            returned = await self._send(function, returned)
        self._say(function, invocation_id, time.perf_counter() - started, returned)
        return returned

    async def _send(self, function: Function, returned: Returned) -> Returned:
        try:
            for name, value in returned.outputs:
                for message in _messages(value):
                    await asyncio.to_thread(self._senders[f"{function.name}.{name}"].send, message)
        except Exception as error:
            log.exception("%s: an output could not be written", function.name)
            return Returned(error=repr(error))
        return returned

    def _say(self, function: Function, invocation_id: str, seconds: float, returned: Returned) -> None:
        outcome = "ok" if returned.error is None else f"failed: {returned.error}"
        if returned.answer is not None:
            outcome = f"{outcome} {returned.answer.status}"
        level = logging.INFO if returned.error is None else logging.ERROR
        log.log(level, "%s %s %.1f ms %s", function.name, invocation_id, seconds * 1000, outcome)

    def _expire(self, function: Function, invocation_id: str) -> None:
        """End the process, as the host kills its worker and every call under way with it."""
        log.critical(
            "%s %s ran into functionTimeout (%.0f s): ending this process and the %d calls under way in it",
            function.name,
            invocation_id,
            self._timeout,
            self.under_way,
        )
        logging.shutdown()
        os._exit(1)


def _messages(value: str | bytes | Json) -> list[str | bytes]:
    """The queue messages that an output stands for: a list makes one each."""
    if not isinstance(value, Json):
        return [value]
    items = json.loads(value.text)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise TypeError("a queue output takes str, bytes or a list of str; anything else is left out")
    return list(items)
