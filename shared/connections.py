"""Connections by name, resolved as the Functions host resolves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

EMULATOR_ACCOUNT = "devstoreaccount1"
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ConnectionMissing(LookupError):
    """No setting gives the connection of that name."""


@dataclass(frozen=True)
class Connection:
    """Where an account lies and who asks: a connection string, or service addresses and an identity."""

    connection_string: str | None = None
    blob_uri: str | None = None
    queue_uri: str | None = None
    table_uri: str | None = None
    credential: str | None = None
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = None

    @property
    def parts(self) -> dict[str, str]:
        """The fields of the connection string; empty where there is none."""
        pairs = (field.partition("=") for field in (self.connection_string or "").split(";"))
        return {name: value for name, _, value in pairs if name}

    @property
    def is_emulator(self) -> bool:
        """Whether this is the storage emulator's account, every service of it on a loopback host."""
        endpoints = [self.parts.get(f"{service}Endpoint", "") for service in ("Blob", "Queue", "Table")]
        on_loopback = all(urlsplit(endpoint).hostname in _LOOPBACK for endpoint in endpoints)
        return self.parts.get("AccountName") == EMULATOR_ACCOUNT and on_loopback


def emulator_connection_string(
    blob_port: int = 10000, queue_port: int = 10001, table_port: int = 10002
) -> str:
    """The storage emulator's connection string; its key is public and the same everywhere."""
    services = {"Blob": blob_port, "Queue": queue_port, "Table": table_port}
    endpoints = (
        f"{service}Endpoint=http://127.0.0.1:{port}/{EMULATOR_ACCOUNT};" for service, port in services.items()
    )
    account = f"AccountName={EMULATOR_ACCOUNT};AccountKey={_EMULATOR_KEY};"
    return "DefaultEndpointsProtocol=http;" + account + "".join(endpoints)


def resolve(name: str, environment: Mapping[str, str]) -> Connection:
    """The connection called `name`.

    Looks for `AzureWebJobs{name}`, then `{name}`: a value is a connection string; otherwise a section with
    `__accountName` (wins) or `__blobServiceUri`, `__queueServiceUri`, `__tableServiceUri`. Raises
    ConnectionMissing where neither stands.
    """
    for key in (f"AzureWebJobs{name}", name):
        value = environment.get(key)
        if value:
            return Connection(connection_string=_expand(value))
        section = {
            setting[len(key) + 2 :].lower(): value
            for setting, value in environment.items()
            if setting.startswith(f"{key}__") and value
        }
        if section:
            return _from_section(name, section)
    raise ConnectionMissing(f"no app setting gives the connection {name!r}")


def _expand(value: str) -> str:
    is_shorthand = value.strip().rstrip(";").lower() == "usedevelopmentstorage=true"
    return emulator_connection_string() if is_shorthand else value


def _from_section(name: str, section: Mapping[str, str]) -> Connection:
    account = section.get("accountname")

    def uri(service: str) -> str | None:
        if account:
            return f"https://{account}.{service}.core.windows.net"
        return section.get(f"{service}serviceuri") or section.get("serviceuri")

    if not (uri("blob") or uri("queue") or uri("table")):
        raise ConnectionMissing(f"the connection {name!r} names no account and no service address")
    return Connection(
        blob_uri=uri("blob"),
        queue_uri=uri("queue"),
        table_uri=uri("table"),
        credential=section.get("credential"),
        tenant_id=section.get("tenantid"),
        client_id=section.get("clientid"),
        client_secret=section.get("clientsecret"),
    )
