from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from local.host.cron import Schedule
from local.host.timers import CONTAINER, Status, host_id
from tests.local.host.running import RunningHost, running_host, until

HOURLY = f"0 {(datetime.now(UTC).minute + 30) % 60} * * * *"


class Clockwork:
    """Runs the sample timers on one storage account."""

    def __init__(self, connection: str, folder: Path, site: str = "the-site") -> None:
        self.seen_path = folder / "seen"
        self._site = site
        self._blob = f"timers/{site}/Host.Functions.hourly/status"
        self._folder = folder
        self._connection = connection
        self.service = BlobServiceClient.from_connection_string(connection)

    def host(self, **settings: str) -> Any:
        values = {
            "AzureWebJobsStorage": self._connection,
            "SEEN": str(self.seen_path),
            "HOURLY": HOURLY,
            "AzureFunctionsWebHost__hostid": self._site,
            **settings,
        }
        return running_host("timers", self._folder / "log", "events", values)

    def rows(self, function: str) -> list[dict[str, Any]]:
        if not self.seen_path.exists():
            return []
        rows = [json.loads(line) for line in self.seen_path.read_text(encoding="utf-8").splitlines()]
        return [row for row in rows if row["function"] == function]

    def has_status(self) -> bool:
        with self.service.get_blob_client(CONTAINER, self._blob) as blob:
            return blob.exists()

    def status(self) -> Status:
        with self.service.get_blob_client(CONTAINER, self._blob) as blob:
            return Status.from_json(blob.download_blob().readall())

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8")

    def put_status(self, status: Status) -> None:
        with self.service.get_container_client(CONTAINER) as container:
            if not container.exists():
                container.create_container()
            container.upload_blob(self._blob, status.to_json(), overwrite=True)


@pytest.fixture
def clockwork(azurite: str, tmp_path: Path) -> Iterator[Clockwork]:
    clockwork = Clockwork(azurite, tmp_path)
    with clockwork.service:
        yield clockwork


def due() -> datetime:
    """When the hourly timer comes due, half an hour from now or so."""
    return Schedule(HOURLY).next_after(datetime.now(UTC))


def test_a_missed_occurrence_fires_once_and_past_due(clockwork: Clockwork) -> None:
    missed = due() - timedelta(hours=3)
    clockwork.put_status(Status(missed - timedelta(hours=1), missed, missed - timedelta(hours=1)))
    with clockwork.host() as host:
        until(lambda: clockwork.rows("hourly"))
        until(lambda: clockwork.status().next == due())
        (fired,) = clockwork.rows("hourly")
        assert fired["past_due"] is True
        assert datetime.fromisoformat(fired["status"]["Next"]) == missed
        until(lambda: len(clockwork.rows("slow_ticks")) >= 2)
        assert len(clockwork.rows("hourly")) == 1
        assert host.stop() == 0


def test_a_changed_schedule_starts_anew_instead_of_firing_late(clockwork: Clockwork) -> None:
    missed = due() - timedelta(hours=3)
    clockwork.put_status(Status(missed - timedelta(hours=1), missed, missed))
    with clockwork.host(HOURLY="1 30 1 * * *"):
        until(lambda: clockwork.status().next > datetime.now(UTC))
        assert clockwork.status().next.strftime("%X") == "01:30:01"
    assert clockwork.rows("hourly") == []


@pytest.fixture(scope="module")
def fresh(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clockwork]:
    """Timers that never ran before, a few seconds after their host's start."""
    clockwork = Clockwork(azurite, tmp_path_factory.mktemp("fresh"), "fresh-site")
    with clockwork.service, clockwork.host() as host:
        until(lambda: len(clockwork.rows("slow_ticks")) >= 3)
        # Each timer waits for its own status to be stored, and a slow disk holds up one and not the other.
        until(clockwork.has_status)
        yield clockwork
        assert_stops_at_once(host)


def test_a_new_timer_records_what_is_due_and_waits(fresh: Clockwork) -> None:
    status = fresh.status()
    assert (status.last, status.next) == (None, due())
    assert fresh.rows("hourly") == []


def test_calls_of_a_timer_never_overlap_and_a_slow_one_skips_ticks(fresh: Clockwork) -> None:
    at_start, its_end, on_tick = fresh.rows("slow_ticks")[:3]
    assert (at_start["state"], its_end["state"], on_tick["state"]) == ("start", "end", "start")
    assert at_start["past_due"] is False
    # A tick each second and a call of 1.05 s: the tick within the call is left out, the next one is whole.
    assert on_tick["at"] % 1 < 0.5


def test_a_schedule_of_another_dialect_puts_its_function_in_error(fresh: Clockwork) -> None:
    assert "'unix_sunday' is in error" in fresh.log


def assert_stops_at_once(host: RunningHost) -> None:
    began = datetime.now(UTC)
    assert host.stop() == 0
    assert datetime.now(UTC) - began < timedelta(seconds=15)


def test_a_status_survives_the_blob() -> None:
    moment = datetime(2026, 11, 24, 10, 0, 0, 123, tzinfo=UTC)
    for last in (None, moment):
        status = Status(last, moment, moment)
        assert Status.from_json(status.to_json()) == status


def test_the_host_id_is_the_site_or_the_machine_and_folder() -> None:
    assert host_id(Path("/a"), {"WEBSITE_SITE_NAME": "X" * 40}) == "x" * 32
    assert host_id(Path("/a"), {}) != host_id(Path("/b"), {})
    assert len(host_id(Path("/a"), {})) <= 32
