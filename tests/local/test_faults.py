"""The proxy does what it says, before the real emulator and behind the app's own clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from azure.core.exceptions import HttpResponseError, ServiceResponseError
from azure.core.pipeline.transport import HttpTransport
from azure.data.tables import TableClient, TableServiceClient
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from local.faults import Fault, FaultProxy, Faults, operation_of
from shared import rows
from shared.settings import settings
from shared.storage import container, queue, table
from tests.conftest import app_settings, fresh_account

ALWAYS = 1.0


@pytest.fixture
def proxy(azurite: str) -> Iterator[FaultProxy]:
    """The proxy, and the app's clients behind it; no request fails yet."""
    with FaultProxy(azurite) as standing, app_settings(fresh_account(standing.connection_string)):
        assert all((a_table(), a_queue(), a_container()))
        standing.operations.clear()
        yield standing


def a_table() -> TableClient:
    return table(settings().job_state_table)


def a_queue() -> QueueClient:
    return queue(settings().submit_queue)


def a_container() -> ContainerClient:
    return container(settings().results_container)


@contextmanager
def meeting(proxy: FaultProxy, fault: Fault, among: str) -> Iterator[None]:
    """The first request of that kind meets the fault; those that follow it pass, and come without a wait."""
    before = proxy.injected[fault]
    proxy.faults = Faults({fault: ALWAYS}, (among,), longest_delay=0.2)
    draw = proxy.draw

    def once(operation: str) -> Fault | None:
        return draw(operation) if proxy.injected[fault] == before else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proxy, "draw", once)
        patch.setattr(HttpTransport, "sleep", lambda self, seconds: None)
        yield
    assert proxy.injected[fault] == before + 1
    proxy.faults = Faults()


def write_row() -> None:
    rows.put(a_table(), "p", "k", {"n": 1})


def add_row() -> None:
    a_table().create_entity({"PartitionKey": "p", "RowKey": "new"})


def write_blob() -> None:
    a_container().upload_blob("a", b"bytes", overwrite=True)


def send() -> None:
    a_queue().send_message("a message")


def messages() -> int:
    return len(list(a_queue().receive_messages(visibility_timeout=1)))


@pytest.mark.parametrize(
    ("fault", "act", "kind"),
    [
        (Fault.REFUSE, write_row, "table write"),
        (Fault.CUT_BEFORE, write_row, "table write"),
        (Fault.CUT_AFTER, write_row, "table write"),
        (Fault.CUT_AFTER, write_blob, "blob write"),
    ],
)
def test_the_app_s_clients_get_over_one_fault(
    proxy: FaultProxy, fault: Fault, act: Callable[[], None], kind: str
) -> None:
    with meeting(proxy, fault, kind):
        act()
    assert proxy.operations[kind] == 2


def test_what_is_cut_before_never_reached_storage_and_what_is_cut_after_did(proxy: FaultProxy) -> None:
    """A client does not repeat an insert whose reply is lost."""
    with meeting(proxy, Fault.CUT_BEFORE, "table write"), pytest.raises(ServiceResponseError):
        add_row()
    assert rows.find(a_table(), "p", "new") is None
    with meeting(proxy, Fault.CUT_AFTER, "table write"), pytest.raises(ServiceResponseError):
        add_row()
    assert rows.find(a_table(), "p", "new")


def test_a_refused_request_is_answered_as_by_an_account_over_its_limits(azurite: str) -> None:
    refusing = Faults({Fault.REFUSE: ALWAYS})
    with FaultProxy(azurite, refusing) as proxy:
        service = TableServiceClient.from_connection_string(proxy.connection_string, retry_total=0)
        with service, pytest.raises(HttpResponseError) as refused:
            service.create_table("refused")
        assert refused.value.status_code == 503
        with TableServiceClient.from_connection_string(azurite) as behind:
            assert "refused" not in {one.name for one in behind.list_tables()}


def test_a_lost_reply_of_a_message_leaves_it_there_twice(proxy: FaultProxy) -> None:
    with meeting(proxy, Fault.CUT_AFTER, "queue send"):
        send()
    assert messages() == 2


def test_a_message_can_be_put_on_its_queue_twice(proxy: FaultProxy) -> None:
    with meeting(proxy, Fault.TWICE, "queue send"):
        send()
    assert proxy.operations["queue send"] == 1
    assert messages() == 2


def test_a_reply_comes_late(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy.faults = Faults({Fault.DELAY: ALWAYS}, ("blob",), longest_delay=0.4)
    began = time.monotonic()
    for _ in range(4):
        write_blob()
    assert proxy.injected == {Fault.DELAY: 4}
    assert time.monotonic() - began > 0.1


def test_large_blobs_pass_whole_both_ways(proxy: FaultProxy) -> None:
    content = bytes(range(256)) * 4 * 9000
    a_container().upload_blob("large", content)
    assert a_container().download_blob("large").readall() == content
    assert a_container().get_blob_client("large").get_blob_properties().size == len(content)
    assert proxy.operations["blob head"] == 1


def test_a_transaction_passes_and_is_one_operation(proxy: FaultProxy) -> None:
    writes = [rows.Write(f"k{number}", {"n": number}) for number in range(100)]
    rows.transact(a_table(), "p", writes, witness="k0")
    assert len(list(rows.partition_rows(a_table(), "p"))) == 100
    assert proxy.operations["table transaction"] == proxy.operations["table query"] == 1


def test_a_seed_gives_the_same_faults_again_in_about_their_shares(azurite: str) -> None:
    shares = {Fault.REFUSE: 0.1, Fault.CUT_AFTER: 0.2}
    with FaultProxy(azurite) as proxy:

        def drawn(seed: int) -> list[Fault | None]:
            proxy.faults = Faults(shares, ("table", "blob read"), seed)
            return [proxy.draw("table write") for _ in range(1000)]

        first = drawn(1)
        assert drawn(1) == first != drawn(2)
        assert 60 < first.count(Fault.REFUSE) < 140 < first.count(Fault.CUT_AFTER) < 260
        assert {proxy.draw("blob write") for _ in range(100)} == {None}


def test_an_emulator_that_is_away_breaks_connections(azurite: str) -> None:
    with FaultProxy(azurite) as passed:
        away = passed.connection_string
    with (
        FaultProxy(away) as proxy,
        QueueClient.from_connection_string(proxy.connection_string, "away", retry_total=0) as client,
        pytest.raises(ServiceResponseError),
    ):
        client.send_message("lost")


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        (("table", "GET", "/a/jobs(PartitionKey='p',RowKey='summary')"), "table read"),
        (("table", "GET", "/a/jobs()?$filter=x"), "table query"),
        (("table", "PUT", "/a/jobs(PartitionKey='p',RowKey='k')"), "table write"),
        (("table", "POST", "/a/$batch"), "table transaction"),
        (("table", "DELETE", "/a/jobs(PartitionKey='p',RowKey='k')"), "table delete"),
        (("queue", "POST", "/a/q/messages"), "queue send"),
        (("queue", "GET", "/a/q/messages?numofmessages=1"), "queue receive"),
        (("queue", "PUT", "/a/q/messages/1?popreceipt=x"), "queue renew"),
        (("queue", "PUT", "/a/q"), "queue other"),
        (("blob", "GET", "/a/c?restype=container&comp=list"), "blob list"),
        (("blob", "GET", "/a/c/x"), "blob read"),
        (("blob", "PUT", "/a/c/x?comp=block"), "blob write"),
    ],
)
def test_an_operation_is_named_for_what_it_does(request_: tuple[str, str, str], operation: str) -> None:
    assert operation_of(*request_) == operation
