"""Storage clients: one of each a process, with bounded retries and timeouts.

The SDKs are imported where they are used, so that indexing the app does not pay for them.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.connections import Connection, ConnectionMissing, resolve
from shared.settings import settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.data.tables import TableClient, TableServiceClient
    from azure.storage.blob import BlobServiceClient, ContainerClient
    from azure.storage.queue import QueueClient, QueueServiceClient

# The SDKs log every request at INFO, which would drown the app's own lines.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)

RETRIES = 3
BOUNDED: dict[str, Any] = {"retry_total": RETRIES, "connection_timeout": 5, "read_timeout": 20}


def credential(connection: Connection) -> TokenCredential:
    """Who asks, for a connection by service address: the host's own rule."""
    import azure.identity as identity

    if connection.credential == "managedidentity":
        return identity.ManagedIdentityCredential(client_id=connection.client_id)
    if connection.tenant_id and connection.client_id and connection.client_secret:
        return identity.ClientSecretCredential(
            connection.tenant_id, connection.client_id, connection.client_secret
        )
    return identity.DefaultAzureCredential(managed_identity_client_id=connection.client_id)


def _service(kind: Any, connection: Connection, uri: str | None, **options: Any) -> Any:
    if connection.connection_string:
        return kind.from_connection_string(connection.connection_string, **options)
    return kind(uri, credential=credential(connection), **options)


def blob_service(connection: Connection) -> BlobServiceClient:
    from azure.storage.blob import BlobServiceClient, ExponentialRetry

    retry = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=RETRIES)
    options = {**BOUNDED, "retry_policy": retry}
    service: BlobServiceClient = _service(BlobServiceClient, connection, connection.blob_uri, **options)
    return service


def queue_service(connection: Connection) -> QueueServiceClient:
    from azure.storage.queue import ExponentialRetry, QueueServiceClient

    retry = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=RETRIES)
    options = {**BOUNDED, "retry_policy": retry}
    service: QueueServiceClient = _service(QueueServiceClient, connection, connection.queue_uri, **options)
    return service


def table_service(connection: Connection) -> TableServiceClient:
    from azure.data.tables import TableServiceClient

    options = {**BOUNDED, "retry_backoff_factor": 0.4}
    service: TableServiceClient = _service(TableServiceClient, connection, connection.table_uri, **options)
    return service


@cache
def connection() -> Connection:
    """The connection that holds the app's tables, queues and blobs."""
    return resolve(settings().blast_storage_connection, os.environ)


def is_emulator() -> bool:
    """Whether the app's storage is the emulator on this machine; no connection is none."""
    try:
        return connection().is_emulator
    except ConnectionMissing:
        return False


@cache
def blobs() -> BlobServiceClient:
    return blob_service(connection())


@cache
def _queues() -> QueueServiceClient:
    return queue_service(connection())


@cache
def _tables() -> TableServiceClient:
    return table_service(connection())


@cache
def table(name: str) -> TableClient:
    """The table of that name; made on first use against the emulator only."""
    client = _tables().get_table_client(name)
    if connection().is_emulator:
        _tables().create_table_if_not_exists(name)
    return client


@cache
def queue(name: str) -> QueueClient:
    """The queue of that name, which takes text and stores base64, as the host expects it."""
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.queue import TextBase64EncodePolicy

    client = _queues().get_queue_client(name, message_encode_policy=TextBase64EncodePolicy())
    if connection().is_emulator:
        with suppress(ResourceExistsError):
            client.create_queue()
    return client


@cache
def container(name: str) -> ContainerClient:
    """The container of that name; made on first use against the emulator only."""
    from azure.core.exceptions import ResourceExistsError

    client = blobs().get_container_client(name)
    if connection().is_emulator:
        with suppress(ResourceExistsError):
            client.create_container()
    return client


@cache
def scan_options() -> dict[str, Any]:
    """Arguments with which Polars reads `az://container/path` in ranges, as the caller that we are."""
    service = blobs()
    reached: dict[str, Any] = {
        "account_name": str(service.account_name),
        "azure_endpoint": service.primary_endpoint.rstrip("/"),
        "allow_http": str(service.primary_endpoint.startswith("http://")).lower(),
        "max_retries": RETRIES,
    }
    if key := connection().parts.get("AccountKey"):
        return {"storage_options": {**reached, "account_key": key}}
    asking = credential(connection())

    def token() -> tuple[dict[str, str], int]:
        given = asking.get_token("https://storage.azure.com/.default")
        return {"bearer_token": given.token}, given.expires_on

    return {"storage_options": reached, "credential_provider": token}


def forget() -> None:
    """Drop this process's clients and settings, so that the next use reads the environment anew."""
    for cached in (connection, blobs, _queues, _tables, table, queue, container, scan_options, settings):
        cached.cache_clear()
