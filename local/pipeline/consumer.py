"""The queue of searches: one at a time, each held until it has ended, a second of the same run dropped."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError

from blast_artifacts.lifecycle.messages import Cancel, Search
from local.pipeline import search as searches
from local.pipeline.failures import Cancelled, Stopped
from local.pipeline.messages import parse
from shared.settings import settings
from shared.storage import queue

log = logging.getLogger(__name__)

HELD_SECONDS = 60
RENEWAL_SECONDS = 20
POLL_SECONDS = 0.5


@dataclass
class _Held:
    """A search under way and the message that keeps it from being lost."""

    message: Any
    future: Future[None]
    renewed: float


class Consumer:
    """Takes searches and cancellations from the queue until it is stopped.

    Which runs have ended or were cancelled is kept in files below `data`, so that it outlives the process.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._marks = data / "runs"
        self._marks.mkdir(parents=True, exist_ok=True)
        self._queue = queue(settings().submit_queue)
        self._held: dict[str, _Held] = {}
        self._stopped = threading.Event()
        self._news = threading.Event()

    def stop(self) -> None:
        """End soon; a search under way is killed and its message given back."""
        self._stopped.set()
        self._news.set()

    def run(self, once: bool = False) -> None:
        """Work until stopped, or with `once` until the queue is empty and all is done."""
        with ThreadPoolExecutor(1, thread_name_prefix="search") as worker:
            while not self._stopped.is_set():
                self._settle()
                try:
                    if self._take_one(worker):
                        continue
                except AzureError as error:
                    log.warning("storage did not answer: %s", _first_line(error))
                if once and not self._held:
                    break
                self._news.wait(POLL_SECONDS)
                self._news.clear()
        self._settle()

    def _take_one(self, worker: ThreadPoolExecutor) -> bool:
        message = self._queue.receive_message(visibility_timeout=HELD_SECONDS)
        if message is None:
            return False
        try:
            request = parse(message.content)
        except ValueError as error:
            log.error("message %s is dropped: %s", message.id, str(error).replace("\n", " ")[:500])
            self._delete(message)
            return True
        key = f"{request.job}-{request.run}"
        if isinstance(request, Cancel):
            self._mark(key, "cancelled").touch()
            self._delete(message)
        elif key in self._held and self._held[key].message.id == message.id:
            self._held[key].message = message
        elif key in self._held or self._mark(key, "ended").exists():
            log.info("job %s run %d was here before", request.job, request.run)
            self._delete(message)
        else:
            future = worker.submit(self._search, request, key)
            self._held[key] = _Held(message, future, time.monotonic())
            future.add_done_callback(lambda _: self._news.set())
        return True

    def _search(self, request: Search, key: str) -> None:
        def check() -> None:
            if self._stopped.is_set():
                raise Stopped
            if self._mark(key, "cancelled").exists():
                raise Cancelled

        log.info(
            "job %s run %d begins: %s on %s", request.job, request.run, request.program, request.database
        )
        searches.run(request, self._data, check)
        self._mark(key, "ended").touch()
        log.info("job %s run %d has ended", request.job, request.run)

    def _settle(self) -> None:
        """Let go of the messages of searches that ended, and hold the others for longer."""
        for key, held in list(self._held.items()):
            try:
                if held.future.done():
                    del self._held[key]
                    self._let_go(held)
                elif time.monotonic() - held.renewed > RENEWAL_SECONDS:
                    held.renewed = time.monotonic()
                    held.message = self._show_after(held.message, HELD_SECONDS)
            except AzureError as error:
                # The message comes again by itself, and is known by its run.
                log.warning("the message of %s is out of reach: %s", key, _first_line(error))

    def _let_go(self, held: _Held) -> None:
        error = held.future.exception()
        if error is None:
            self._delete(held.message)
        elif isinstance(error, Stopped):
            self._show_after(held.message, 0)
        else:
            log.warning("a search will be taken up again: %s", _first_line(error))

    def _show_after(self, message: Any, seconds: int) -> Any:
        # By id: given the message itself the SDK would encode its content a second time.
        return self._queue.update_message(
            message.id, pop_receipt=message.pop_receipt, visibility_timeout=seconds
        )

    def _delete(self, message: Any) -> None:
        self._queue.delete_message(message.id, message.pop_receipt)

    def _mark(self, key: str, state: str) -> Path:
        return self._marks / f"{key}.{state}"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
