"""Queue triggers and queue outputs, with the rules of the storage queues extension."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.host.config import ConfigError, QueueSettings, resolve_names
from local.host.messages import decode, encode, overlay, trigger_metadata
from local.host.worker import Function, Json
from shared.connections import Connection, resolve
from shared.storage import queue_service

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

    from local.host.calls import Calls

log = logging.getLogger("host.queues")

LOCK_SECONDS = 600
SHORTEST_DELAY = 0.1
_LONGEST_NAME = 63
_LONGEST_INVISIBLE = 7 * 86_400


class QueueSender:
    """Writes messages to one queue in the app's encoding; makes the queue where it is missing."""

    def __init__(self, name: str, connection: Connection, settings: QueueSettings) -> None:
        self.name = name
        self._connection = connection
        self._settings = settings
        self._client: QueueClient | None = None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def send(self, body: str | bytes) -> None:
        self.send_raw(encode(body, self._settings.base64))

    def send_raw(self, content: str) -> None:
        """Send text that is already encoded."""
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        if self._client is None:
            self._client = queue_service(self._connection).get_queue_client(self.name)
        try:
            self._client.send_message(content)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                self._client.create_queue()
            self._client.send_message(content)


class QueueTrigger:
    """Listens to the queue of one function."""

    def __init__(
        self, function: Function, settings: QueueSettings, environment: Mapping[str, str], calls: Calls
    ) -> None:
        self.function = function
        self.queue, self._connection = queue_of(function.trigger, environment)
        self._settings = settings
        self._calls = calls
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._poison = self._poison_sender()
        self.lock_seconds = float(environment.get("LOCAL_HOST_LOCK_SECONDS", LOCK_SECONDS))

    async def by_hand(self, text: str) -> None:
        """Call the function with a message that never was in the queue."""
        metadata: dict[str, str | Json] = {"QueueTrigger": text, "DequeueCount": Json("0")}
        await self._calls.call(self.function, text, overlay(metadata, text))

    async def run(self) -> None:
        """Poll until `stop`; calls under way then go on in their tasks."""
        service = queue_service(self._connection)
        self._client = service.get_queue_client(self.queue)
        empty = 0
        with service:
            while not self._stopping.is_set():
                messages = await self._receive()
                if self._stopping.is_set():
                    await self._put_back(messages)
                elif messages:
                    empty = 0
                    for message in messages:
                        self._start(message)
                    await self._room()
                else:
                    empty += 1
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), self._delay(empty))
            if self._tasks:
                await asyncio.wait(self._tasks)
        if self._poison is not None:
            self._poison.close()

    def stop(self) -> None:
        self._stopping.set()

    def _start(self, message: QueueMessage) -> None:
        task = asyncio.create_task(self._process(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _room(self) -> None:
        """Wait until few enough calls are under way to ask for the next batch."""
        while len(self._tasks) > self._settings.new_batch_threshold:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def _delay(self, empty: int) -> float:
        """Seconds to wait after the n-th empty answer in a row."""
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads polling, guards nothing
        delay: float = SHORTEST_DELAY * 2 ** min(empty - 1, 16) * spread
        return min(delay, self._settings.max_polling_seconds)

    async def _receive(self) -> list[QueueMessage]:
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        pages = self._client.receive_messages(
            messages_per_page=self._settings.batch_size, visibility_timeout=int(self.lock_seconds)
        ).by_page()
        try:
            return await asyncio.to_thread(lambda: list(next(pages, ())))
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            log.warning("%s: the queue %s cannot be polled: %s", self.function.name, self.queue, error)
            return []

    async def _put_back(self, messages: list[QueueMessage]) -> None:
        """Show messages again that came in while stopping, rather than in ten minutes."""
        from azure.core.exceptions import AzureError

        for message in messages:
            with suppress(AzureError):
                await asyncio.to_thread(self._client.update_message, message, visibility_timeout=0)

    async def _process(self, message: QueueMessage) -> None:
        from azure.core.exceptions import AzureError

        try:
            text = decode(message.content, self._settings.base64)
            if text is None:
                log.error("%s: message %s is not base64: see messageEncoding", self.function.name, message.id)
            if text is None or (message.dequeue_count or 0) > self._settings.max_dequeue_count:
                await self._to_poison(message)
                return
            await self._complete(message, await self._call(message, text))
        except AzureError as error:
            # The message is left where it is: it comes back when its lock ends.
            log.error("%s: message %s could not be settled: %s", self.function.name, message.id, error)

    async def _call(self, message: QueueMessage, text: str) -> bool:
        """Whether the function succeeded; the lock is held meanwhile."""
        ended = asyncio.Event()
        renewal = asyncio.create_task(self._renew(message, ended))
        metadata = overlay(trigger_metadata(message, text), text)
        try:
            returned = await self._calls.call(self.function, text, metadata)
        finally:
            ended.set()
            await renewal
        return returned.error is None

    async def _complete(self, message: QueueMessage, succeeded: bool) -> None:
        from azure.core.exceptions import HttpResponseError

        try:
            if succeeded:
                await asyncio.to_thread(self._client.delete_message, message)
            elif (message.dequeue_count or 0) >= self._settings.max_dequeue_count:
                await self._to_poison(message)
            else:
                delay = int(self._settings.retry_delay_seconds)
                await asyncio.to_thread(self._client.update_message, message, visibility_timeout=delay)
        except HttpResponseError as error:
            if error.status_code != 404 and getattr(error, "error_code", "") != "PopReceiptMismatch":
                raise
            log.warning("%s: message %s is another's by now", self.function.name, message.id)

    async def _renew(self, message: QueueMessage, ended: asyncio.Event) -> None:
        """Lengthen the lock at half of its time until the call has ended.

        Never cut short within a request: its new pop receipt would be lost, and the message come back.
        """
        from azure.core.exceptions import AzureError

        while not ended.is_set():
            try:
                await asyncio.wait_for(ended.wait(), self.lock_seconds / 2)
            except TimeoutError:
                seconds = int(self.lock_seconds)
                try:
                    renewed = await asyncio.to_thread(
                        self._client.update_message, message, visibility_timeout=seconds
                    )
                    message.pop_receipt = renewed.pop_receipt
                except AzureError as error:
                    log.warning("%s: no new lock for %s: %s", self.function.name, message.id, error)

    async def _to_poison(self, message: QueueMessage) -> None:
        if self._poison is not None:
            await asyncio.to_thread(self._poison.send_raw, message.content)
            await asyncio.to_thread(self._client.delete_message, message)
            log.error("%s: message %s moved to %s", self.function.name, message.id, self._poison.name)
            return
        left = _LONGEST_INVISIBLE
        if message.expires_on is not None:
            left = min(left, int((message.expires_on - datetime.now(UTC)).total_seconds()) - 1)
        await asyncio.to_thread(self._client.update_message, message, visibility_timeout=max(left, 0))
        log.error(
            "%s: message %s is given up; %s has no poison queue", self.function.name, message.id, self.queue
        )

    def _poison_sender(self) -> QueueSender | None:
        name = f"{self.queue}-poison"
        if self.queue.endswith("-poison") or len(name) > _LONGEST_NAME:
            return None
        return QueueSender(name, self._connection, self._settings)


def queue_of(binding: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, Connection]:
    """The queue that a binding names, and its account; raises ConfigError or ConnectionMissing."""
    name = resolve_names(binding["queueName"], environment).lower()
    if not re.fullmatch(r"[a-z0-9](-?[a-z0-9]){2,62}", name) or len(name) > _LONGEST_NAME:
        raise ConfigError(f"{name!r} is not a queue name")
    return name, resolve(binding.get("connection") or "AzureWebJobsStorage", environment)
