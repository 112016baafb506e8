from __future__ import annotations

import pytest

from shared.connections import ConnectionMissing, emulator_connection_string, resolve


def test_the_prefixed_name_wins() -> None:
    found = resolve("X", {"AzureWebJobsX": "AccountName=a", "X": "AccountName=b"})
    assert found.parts["AccountName"] == "a"


def test_a_plain_name_is_found() -> None:
    assert resolve("X", {"X": "AccountName=b"}).parts["AccountName"] == "b"


def test_development_storage_is_the_emulator() -> None:
    found = resolve("X", {"X": "UseDevelopmentStorage=true"})
    assert found.is_emulator
    assert found.connection_string == emulator_connection_string()


def test_an_account_name_gives_every_service_and_wins_over_addresses() -> None:
    section = {"X__accountName": "acc", "X__blobServiceUri": "https://other"}
    found = resolve("X", section)
    assert found.blob_uri == "https://acc.blob.core.windows.net"
    assert found.queue_uri == "https://acc.queue.core.windows.net"
    assert found.table_uri == "https://acc.table.core.windows.net"


def test_addresses_stand_one_by_one() -> None:
    section = {"X__queueServiceUri": "https://q", "X__credential": "managedidentity", "X__clientId": "c"}
    found = resolve("X", section)
    assert (found.blob_uri, found.queue_uri, found.table_uri) == (None, "https://q", None)
    assert (found.credential, found.client_id) == ("managedidentity", "c")


@pytest.mark.parametrize("environment", [{}, {"X": ""}, {"X__clientId": "c"}, {"XY": "AccountName=a"}])
def test_a_name_without_an_account_is_said_to_be_missing(environment: dict[str, str]) -> None:
    with pytest.raises(ConnectionMissing, match="'X'"):
        resolve("X", environment)


@pytest.mark.parametrize(
    "connection",
    [
        "AccountName=devstoreaccount1;BlobEndpoint=http://10.0.0.1:10000/devstoreaccount1",
        "AccountName=devstoreaccount1;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1",
        emulator_connection_string().replace(
            "TableEndpoint=http://127.0.0.1", "TableEndpoint=http://10.0.0.1"
        ),
        "AccountName=real;BlobEndpoint=http://127.0.0.1:10000/real",
        "AccountName=devstoreaccount1",
        "AccountName=devstoreaccount1;BlobEndpoint=http://127.0.0.1.example.org/devstoreaccount1",
    ],
)
def test_only_the_emulators_account_on_a_loopback_host_is_the_emulator(connection: str) -> None:
    assert not resolve("X", {"X": connection}).is_emulator
