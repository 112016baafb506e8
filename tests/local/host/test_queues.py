from __future__ import annotations

import asyncio
import base64
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from azure.storage.queue import QueueClient, QueueServiceClient

from local.host.calls import Calls
from local.host.config import ConfigError, QueueSettings
from local.host.queues import QueueTrigger, queue_of
from local.host.worker import Function, Returned
from tests.local.host.running import MASTER, RunningHost, running_host, until


class Stage:
    """A host over queues of its own, and what its functions saw."""

    def __init__(self, connection: str, folder: Path) -> None:
        name = uuid.uuid4().hex[:8]
        self.names = {"EVENTS_QUEUE": f"events-{name}", "OUTPUT_QUEUE": f"out-{name}"}
        self.names["ARTIFACTS_QUEUE"] = f"builds-{name}"
        self.seen_path = folder / "seen"
        self.settings = {**self.names, "AzureWebJobsSTORE": connection, "SEEN": str(self.seen_path)}
        self.settings["AzureWebJobsStorage"] = connection
        self.service = QueueServiceClient.from_connection_string(connection)
        self.host: RunningHost | None = None

    def queue(self, setting: str) -> QueueClient:
        return self.service.get_queue_client(self.names.get(setting, setting))

    def send(self, text: str, setting: str = "EVENTS_QUEUE") -> str:
        return str(self.queue(setting).send_message(base64.b64encode(text.encode()).decode()).id)

    def seen(self, text: str) -> list[dict[str, Any]]:
        if not self.seen_path.exists():
            return []
        rows = [json.loads(line) for line in self.seen_path.read_text(encoding="utf-8").splitlines()]
        return [row for row in rows if row.get("text") == text or row["function"] == text]

    @property
    def log(self) -> str:
        assert self.host is not None
        return self.host.log

    def is_drained(self, setting: str = "EVENTS_QUEUE") -> bool:
        """Whether no message is left, an invisible one neither."""
        return self.queue(setting).get_queue_properties().approximate_message_count == 0


@pytest.fixture(scope="module")
def stage(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("queues")
    stage = Stage(azurite, folder)
    with stage.service:
        stage.queue("EVENTS_QUEUE").create_queue()
        with running_host("queues", folder / "log", settings=stage.settings) as host:
            stage.host = host
            yield stage
            assert host.stop() == 0


def test_a_message_is_decoded_and_deleted_after_success(stage: Stage) -> None:
    message_id = stage.send("plain")
    until(lambda: stage.seen("plain") and stage.is_drained())
    (seen,) = stage.seen("plain")
    assert (seen["id"], seen["dequeue_count"]) == (message_id, 1)
    assert seen["pop_receipt"]
    assert seen["inserted"] < seen["next_visible"] < seen["expires"]


def test_a_body_key_id_makes_the_message_id_lie(stage: Stage) -> None:
    text = '{"id": 7, "dequeueCount": 42, "job": "a"}'
    stage.send(text)
    until(lambda: stage.seen(text))
    assert (stage.seen(text)[0]["id"], stage.seen(text)[0]["dequeue_count"]) == ("7", 42)


def test_after_five_tries_a_message_moves_to_the_poison_queue(stage: Stage) -> None:
    stage.send("fail always")
    until(lambda: [row for row in stage.seen("fail always") if row["function"] == "poisoned"])
    rows = stage.seen("fail always")
    tries = [row["dequeue_count"] for row in rows if row["function"] == "events"]
    assert tries == [1, 2, 3, 4, 5]
    assert Counter(row["function"] for row in rows) == {"events": 5, "poisoned": 1}
    until(stage.is_drained)


def test_a_message_that_is_not_base64_is_poison_at_once(stage: Stage) -> None:
    stage.queue("EVENTS_QUEUE").send_message("{not base64}")
    until(lambda: "is not base64" in stage.log and stage.is_drained())
    assert stage.seen("{not base64}") == []


def test_outputs_are_sent_after_success_and_make_their_queue(stage: Stage) -> None:
    assert stage.host is not None
    stage.send("send this")
    until(lambda: "events " in stage.log and stage.seen("send this") and stage.is_drained())
    assert requests.post(f"{stage.host.address}/api/send", timeout=60).text == "sent"
    messages = stage.queue("OUTPUT_QUEUE").receive_messages(messages_per_page=10)
    texts = sorted(base64.b64decode(message.content).decode() for message in messages)
    assert texts == ["after send this", "one", "two"]


def test_as_many_calls_run_at_once_as_batch_and_threshold_allow(stage: Stage) -> None:
    texts = [f"slow {seconds} {n}" for n, seconds in enumerate([0.2, 0.6, 0.2, 0.6, 0.2, 0.6])]
    for text in texts:
        stage.send(text)
    until(lambda: len(stage.seen("events-end")) == len(texts))
    moments = [(row["at"], 1) for text in texts for row in stage.seen(text) if row["function"] == "events"]
    moments += [(row["at"], -1) for row in stage.seen("events-end")]
    running = [sum(step for at, step in moments if at <= moment) for moment, _ in moments]
    assert max(running) == 3


def test_a_function_in_error_is_said_and_the_others_run(stage: Stage) -> None:
    assert "'misnamed' is in error" in stage.log
    assert "NO_SUCH_SETTING" in stage.log


@pytest.mark.parametrize(
    ("name", "options", "status"),
    [
        ("nosuch", {"json": {"input": ""}}, 404),
        ("builds", {}, 400),
        ("builds", {"data": "text"}, 400),
        ("builds", {"json": ["input"]}, 400),
        ("BUILDS", {"json": {"input": "by hand"}}, 202),
        ("yearly", {"json": {}}, 202),
    ],
)
def test_an_operator_starts_functions_by_hand(
    stage: Stage, name: str, options: dict[str, Any], status: int
) -> None:
    assert stage.host is not None
    address = f"{stage.host.address}/admin/functions/{name}"
    assert requests.post(address, timeout=10, **options).status_code == 401
    answer = requests.post(address, headers={"x-functions-key": MASTER}, timeout=10, **options)
    assert (answer.status_code, answer.content) == (status, b"")
    if name == "BUILDS":
        until(lambda: stage.seen("by hand"))
        assert stage.seen("by hand")[0]["id"] is None
    if name == "yearly":
        until(lambda: stage.seen("yearly"))
        assert stage.seen("yearly")[0]["past_due"] is False


def test_each_role_listens_to_its_own_triggers(azurite: str, tmp_path: Path) -> None:
    stage = Stage(azurite, tmp_path)
    stage.names["POISON"] = f"{stage.names['EVENTS_QUEUE']}-poison"
    with stage.service, ExitStack() as stack:
        for setting in ("EVENTS_QUEUE", "ARTIFACTS_QUEUE", "POISON"):
            stage.queue(setting).create_queue()
            stage.send("who", setting)
        hosts = {
            role: stack.enter_context(running_host("queues", tmp_path / role, role, stage.settings))
            for role in ("http", "events", "build")
        }
        for role, host in hosts.items():
            answer = requests.post(f"{host.address}/api/send", timeout=60)
            assert answer.status_code == (200 if role == "http" else 404)
        until(lambda: len(stage.seen("who")) == 3)
        until(lambda: "builds " in hosts["build"].log and hosts["events"].log.count(" ms ok") == 2)
        called = {role: set(re.findall(r"\] (\w+) [0-9a-f-]{36} ", host.log)) for role, host in hosts.items()}
        assert called == {"http": {"send"}, "events": {"events", "poisoned"}, "build": {"builds"}}
        assert [host.stop() for host in hosts.values()] == [0, 0, 0]


class Slow:
    """Stands for the calls of a host: each takes a while, then succeeds."""

    def __init__(self, seconds: float, meanwhile: Callable[[], object]) -> None:
        self._seconds, self._meanwhile, self.count = seconds, meanwhile, 0

    async def call(self, *_: object) -> Returned:
        self.count += 1
        await asyncio.sleep(self._seconds)
        await asyncio.to_thread(self._meanwhile)
        return Returned()


def trigger_on(queue: QueueClient, connection: str, calls: Slow, **settings: Any) -> QueueTrigger:
    binding = {"type": "queueTrigger", "name": "msg", "queueName": queue.queue_name, "connection": "S"}
    function = Function("f", "id", (binding,))
    options = QueueSettings(base64=False, max_polling_seconds=0.1, **settings)
    return QueueTrigger(function, options, {"S": connection}, cast(Calls, calls))


async def run_until(trigger: QueueTrigger, holds: Callable[[], bool]) -> None:
    task = asyncio.create_task(trigger.run())
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
    trigger.stop()
    await task


@pytest.fixture
def queue(azurite: str) -> Iterator[QueueClient]:
    with QueueClient.from_connection_string(azurite, f"q-{uuid.uuid4().hex}") as client:
        client.create_queue()
        yield client


def test_a_lock_is_renewed_for_as_long_as_a_call_runs(azurite: str, queue: QueueClient) -> None:
    queue.send_message("long work")
    calls = Slow(1.8, lambda: None)
    trigger = trigger_on(queue, azurite, calls)
    trigger.lock_seconds = 1
    asyncio.run(run_until(trigger, lambda: calls.count == 1 and queue_is_empty(queue)))
    assert calls.count == 1


def test_a_message_that_another_deleted_is_no_failure(azurite: str, queue: QueueClient) -> None:
    queue.send_message("taken")
    calls = Slow(0, queue.clear_messages)
    asyncio.run(run_until(trigger_on(queue, azurite, calls), lambda: calls.count == 1))


def test_a_message_that_was_tried_too_often_is_poison_without_a_call(
    azurite: str, queue: QueueClient
) -> None:
    queue.send_message("worn")
    for _ in range(2):
        (message,) = queue.receive_messages()
        queue.update_message(message, visibility_timeout=0)
    calls = Slow(0, lambda: None)
    trigger = trigger_on(queue, azurite, calls, max_dequeue_count=2)
    asyncio.run(run_until(trigger, lambda: queue_is_empty(queue)))
    assert calls.count == 0
    with QueueClient.from_connection_string(azurite, f"{queue.queue_name}-poison") as poison:
        assert [message.content for message in poison.receive_messages()] == ["worn"]


def test_a_queue_without_a_poison_queue_hides_the_message(azurite: str) -> None:
    with QueueClient.from_connection_string(azurite, f"q{uuid.uuid4().hex[:8]}-poison") as queue:
        queue.create_queue()
        queue.send_message("worn")
        (message,) = queue.receive_messages()
        queue.update_message(message, visibility_timeout=0)
        calls = Slow(0, lambda: None)
        trigger = trigger_on(queue, azurite, calls, max_dequeue_count=1)
        asyncio.run(run_until(trigger, lambda: not queue.peek_messages()))
        assert calls.count == 0
        assert not queue_is_empty(queue)


def test_a_missing_queue_counts_as_empty(azurite: str) -> None:
    name = f"q-{uuid.uuid4().hex}"
    with QueueClient.from_connection_string(azurite, name) as queue:
        calls = Slow(0, lambda: None)
        trigger = trigger_on(queue, azurite, calls)

        async def appear() -> None:
            task = asyncio.create_task(run_until(trigger, lambda: calls.count == 1))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(queue.create_queue)
            await asyncio.to_thread(queue.send_message, "late")
            await task

        asyncio.run(appear())


def queue_is_empty(queue: QueueClient) -> bool:
    return queue.get_queue_properties().approximate_message_count == 0


@pytest.mark.parametrize("name", ["a", "a--b", "-ab", "a_b", "x" * 64])
def test_a_name_that_no_queue_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        queue_of({"queueName": name}, {"AzureWebJobsStorage": "UseDevelopmentStorage=true"})


def test_a_queue_name_is_lowered_and_its_account_found() -> None:
    name, connection = queue_of(
        {"queueName": "%Q%", "connection": "S"}, {"Q": "Jobs", "AzureWebJobsS": "UseDevelopmentStorage=true"}
    )
    assert name == "jobs"
    assert connection.is_emulator
