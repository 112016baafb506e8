"""Timer triggers: when they fire, and the status blob that remembers it."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import logging
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from local.host.config import resolve_names
from local.host.cron import Schedule
from local.host.worker import Function, Json
from shared.connections import Connection, resolve
from shared.storage import blob_service

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

    from local.host.calls import Calls

log = logging.getLogger("host.timers")

CONTAINER = "azure-webjobs-hosts"
_NEVER = "0001-01-01T00:00:00"


@dataclass(frozen=True)
class Status:
    """When a timer last fired (None: never) and when it is due next, as of `updated`. All UTC."""

    last: datetime | None
    next: datetime
    updated: datetime

    def to_json(self) -> str:
        return json.dumps(
            {
                "Last": self.last.isoformat() if self.last else _NEVER,
                "Next": self.next.isoformat(),
                "LastUpdated": self.updated.isoformat(),
            }
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Status:
        """Raises ValueError or KeyError for what is not a status."""
        value = json.loads(text)
        last = None if value["Last"].startswith("0001") else datetime.fromisoformat(value["Last"])
        return cls(last, datetime.fromisoformat(value["Next"]), datetime.fromisoformat(value["LastUpdated"]))


class Monitor:
    """The status blob of one timer."""

    def __init__(self, connection: Connection, host_id: str, function: str) -> None:
        self._connection = connection
        self._name = f"timers/{host_id}/Host.Functions.{function}/status"

    def read(self) -> Status | None:
        from azure.core.exceptions import ResourceNotFoundError

        with self._blob() as blob:
            try:
                return Status.from_json(blob.download_blob().readall())
            except (ResourceNotFoundError, ValueError, KeyError):
                return None

    def write(self, status: Status) -> None:
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        with self._blob() as blob:
            try:
                blob.upload_blob(status.to_json(), overwrite=True)
            except ResourceNotFoundError:
                with blob_service(self._connection) as service, suppress(ResourceExistsError):
                    service.create_container(CONTAINER)
                blob.upload_blob(status.to_json(), overwrite=True)

    def _blob(self) -> BlobClient:
        return blob_service(self._connection).get_blob_client(CONTAINER, self._name)


class TimerTrigger:
    """Fires one function on its schedule, one call at a time."""

    def __init__(self, function: Function, host: str, environment: Mapping[str, str], calls: Calls) -> None:
        self.function = function
        trigger = function.trigger
        self.schedule = Schedule(resolve_names(trigger["schedule"], environment))
        self._run_on_startup = trigger.get("runOnStartup") is True
        self._calls = calls
        self._stopping = asyncio.Event()
        self._status: Status | None = None
        self._monitor: Monitor | None = None
        if trigger.get("useMonitor", True) and _interval(self.schedule) >= timedelta(minutes=1):
            self._monitor = Monitor(resolve("AzureWebJobsStorage", environment), host, function.name)

    async def by_hand(self, _text: str) -> None:
        """Call the function at once, beside the schedule; the text is of no use to a timer."""
        status = await asyncio.to_thread(self._monitor.read) if self._monitor else None
        await self._calls.call(self.function, _payload(status, past_due=False))

    async def run(self) -> None:
        """Wait and fire until `stop`. The next instant is computed after a call: a slow one skips ticks."""
        now = datetime.now(UTC)
        if self._monitor is not None:
            self._status = await self._standing(self._monitor, now)
        if self._status is not None and now > self._status.next:
            await self._fire(now, past_due=True)
        elif self._run_on_startup:
            await self._fire(now)
        while not await self._stopped_within(self.schedule.next_after(datetime.now(UTC))):
            await self._fire(datetime.now(UTC))

    def stop(self) -> None:
        self._stopping.set()

    async def _stopped_within(self, due: datetime) -> bool:
        """Wait until the instant `due`; whether the host stopped before it."""
        while (left := (due - datetime.now(UTC)).total_seconds()) > 0:
            with suppress(TimeoutError):
                # In short steps, as the clock goes on while a laptop sleeps and the loop's own does not.
                await asyncio.wait_for(self._stopping.wait(), min(left, 30))
            if self._stopping.is_set():
                return True
        return self._stopping.is_set()

    async def _fire(self, moment: datetime, past_due: bool = False) -> None:
        await self._calls.call(self.function, _payload(self._status, past_due))
        self._status = Status(moment, self.schedule.next_after(moment), moment)
        if self._monitor is not None:
            await self._record(self._monitor, self._status)

    async def _standing(self, monitor: Monitor, now: datetime) -> Status:
        """The recorded status, made anew where there is none or the schedule has changed since."""
        from azure.core.exceptions import AzureError

        try:
            status = await asyncio.to_thread(monitor.read)
        except AzureError as error:
            log.warning("%s: its status cannot be read: %s", self.function.name, error)
            status = None
        if status is None:
            status = Status(None, self.schedule.next_after(now), now)
        else:
            expected = self.schedule.next_after(status.last or status.updated)
            if status.next == expected:
                return status
            following = expected if now <= expected else self.schedule.next_after(now)
            status = Status(None, following, now)
        await self._record(monitor, status)
        return status

    async def _record(self, monitor: Monitor, status: Status) -> None:
        from azure.core.exceptions import AzureError

        try:
            await asyncio.to_thread(monitor.write, status)
        except AzureError as error:
            log.warning("%s: its status cannot be written: %s", self.function.name, error)


def host_id(folder: Path, environment: Mapping[str, str]) -> str:
    """Whose timers these are in a storage account: a setting, the site's name, or this machine and folder."""
    named = environment.get("AzureFunctionsWebHost__hostid") or environment.get("WEBSITE_SITE_NAME")
    if named:
        return named.lower()[:32]
    machine = re.sub("[^a-z0-9-]", "", socket.gethostname().lower())[:21]
    return f"{machine}-{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"


def _interval(schedule: Schedule) -> timedelta:
    """The shortest stretch between neighbouring instants of the next few."""
    moment = datetime.now(UTC)
    instants = [moment := schedule.next_after(moment) for _ in range(10)]
    return min(later - earlier for earlier, later in itertools.pairwise(instants))


def _payload(status: Status | None, past_due: bool) -> Json:
    return Json(
        json.dumps(
            {
                "Schedule": {"AdjustForDST": True},
                "ScheduleStatus": json.loads(status.to_json()) if status else None,
                "IsPastDue": past_due,
            }
        )
    )
