from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError

from blast_artifacts.lifecycle import capacity
from tests.conftest import app_settings

CLUSTER_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-1(a)/providers"
    "/Microsoft.ContainerService/managedClusters/blast"
)
EMULATOR = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


@dataclass
class Stub:
    """Azure Resource Manager as far as the check knows it: one answer, and the requests that came."""

    address: str
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    trickles: bool = False
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append((request.path, dict(request.headers)))
        if self.holds:
            self.released.wait(10)
            return
        request.send_response(self.status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(self.body) + self.trickles * 1000))
        request.end_headers()
        request.wfile.write(self.body)
        while self.trickles and not self.released.wait(0.05):
            request.wfile.write(b" ")
            request.wfile.flush()


def serve(context: ssl.SSLContext | None = None) -> Iterator[Stub]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    stub = Stub(f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with app_settings(
            {**EMULATOR, "BLAST_AKS_RESOURCE_ID": CLUSTER_ID, "BLAST_ARM_ENDPOINT": stub.address + "/"}
        ):
            yield stub
    finally:
        stub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
        until = time.monotonic() + 5
        while any(one.name == capacity.THREAD for one in threading.enumerate()):
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.fixture
def arm() -> Iterator[Stub]:
    yield from serve()


def cluster(power: str = "Running", **pool: Any) -> bytes:
    """A managed cluster as Azure Resource Manager shows it, as far as it matters here."""
    spent = {"name": "spent", "mode": "User", "count": 0, "powerState": {"code": "Running"}, "vmSize": "X"}
    given = {"name": "nodes", "powerState": {"code": "Running"}, "provisioningState": "Succeeded", **pool}
    properties = {
        "provisioningState": "Succeeded",
        "powerState": {"code": power},
        "kubernetesVersion": "1.33.2",
        "agentPoolProfiles": [spent, given],
    }
    return json.dumps({"id": CLUSTER_ID, "location": "westeurope", "properties": properties}).encode()


@pytest.mark.parametrize(
    ("pool", "has_room"),
    [
        ({"count": 3}, True),
        ({"count": 0, "enableAutoScaling": True, "minCount": 0, "maxCount": 5}, True),
        ({"count": 2, "enableAutoScaling": None, "maxCount": None}, True),
        ({"count": 0}, False),
        ({"count": 0, "enableAutoScaling": True, "maxCount": 0}, False),
        ({"count": 0, "enableAutoScaling": False, "maxCount": 5}, False),
        ({"count": 3, "powerState": {"code": "Stopped"}}, False),
        ({"enableAutoScaling": True, "maxCount": 5, "powerState": {"code": "Stopped"}}, False),
    ],
)
def test_there_is_room_where_a_pool_has_nodes_or_may_have(
    arm: Stub, pool: dict[str, Any], has_room: bool
) -> None:
    arm.body = cluster(**pool)
    found = capacity.check()
    assert found.has_room is has_room
    assert ("room" if has_room else "node pool") in found.reason


def test_the_question_is_one_get_of_the_cluster_without_a_token_over_plain_http(arm: Stub) -> None:
    arm.body = cluster(count=1)
    assert capacity.check().has_room
    ((path, headers),) = arm.requests
    assert path == f"{CLUSTER_ID}?api-version={capacity.API_VERSION}"
    assert "authorization" not in {name.lower() for name in headers}


def test_a_stopped_cluster_has_no_room(arm: Stub) -> None:
    arm.body = cluster("Stopped", count=3)
    assert capacity.check() == capacity.Capacity(False, "The AKS cluster is stopped.")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        *((401, "permission"), (403, "permission"), (404, "no AKS cluster")),
        *((302, "302"), (429, "429"), (500, "500"), (503, "503")),
    ],
)
def test_a_refusal_is_told_and_not_asked_again(arm: Stub, status: int, word: str) -> None:
    arm.status, arm.headers = status, {"Location": f"{arm.address}/elsewhere", "Retry-After": "1"}
    found = capacity.check()
    assert found.has_room is None
    assert word in found.reason
    assert len(arm.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"properties": {"agentPoolProfiles": []}}',
        b'{"properties": {"powerState": {"code": 5}, "agentPoolProfiles": []}}',
        b'{"properties": {"powerState": {"code": "Running"}, "agentPoolProfiles": 7}}',
        b" " * 2_000_000 + cluster(count=1),
    ],
)
def test_an_answer_that_is_no_cluster_tells_nothing(arm: Stub, body: bytes) -> None:
    arm.body = body
    assert capacity.check() == capacity.Capacity(None, "Azure Resource Manager's answer was not understood.")


def test_an_answer_of_damaged_gzip_tells_nothing(arm: Stub) -> None:
    arm.body, arm.headers = b"no gzip", {"Content-Encoding": "gzip"}
    assert capacity.check().has_room is None


def test_no_answer_is_not_waited_for(arm: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_READ_SECONDS", 0.3)
    arm.holds = True
    began = time.monotonic()
    assert capacity.check() == capacity.Capacity(None, "Azure Resource Manager gave no answer.")
    assert time.monotonic() - began < 2


def test_an_answer_that_trickles_is_not_waited_for(arm: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "MOST_SECONDS", 0.5)
    arm.trickles = True
    began = time.monotonic()
    assert capacity.check() == capacity.Capacity(None, "Azure Resource Manager gave no answer in time.")
    assert time.monotonic() - began < 2


def test_nobody_there_is_no_answer(arm: Stub) -> None:
    with app_settings({"BLAST_AKS_RESOURCE_ID": CLUSTER_ID, "BLAST_ARM_ENDPOINT": "http://127.0.0.1:1"}):
        assert capacity.check() == capacity.Capacity(None, "Azure Resource Manager gave no answer.")


def test_all_waits_together_stay_below_the_bound() -> None:
    assert capacity._CONNECT_SECONDS + capacity._READ_SECONDS <= capacity.MOST_SECONDS <= 5


@pytest.mark.parametrize(
    "cluster_id",
    [
        "",
        "blast",
        CLUSTER_ID + "/",
        CLUSTER_ID + "\n",
        CLUSTER_ID + "?x=1",
        CLUSTER_ID + "/agentPools/a",
        "https://elsewhere.example" + CLUSTER_ID,
        CLUSTER_ID.replace("rg-1(a)", ".."),
        CLUSTER_ID.replace("rg-1(a)", "a/b"),
        CLUSTER_ID.replace("0000-0000-0000", "0000"),
        CLUSTER_ID.replace("managedClusters", "containerGroups"),
    ],
)
def test_another_resource_id_is_not_asked_for(arm: Stub, cluster_id: str) -> None:
    with app_settings({"BLAST_AKS_RESOURCE_ID": cluster_id}):
        found = capacity.check()
    assert found.has_room is None
    assert "resource id" in found.reason
    assert arm.requests == []


def test_a_resource_id_is_known_in_any_case(arm: Stub) -> None:
    arm.body = cluster(count=1)
    with app_settings({"BLAST_AKS_RESOURCE_ID": CLUSTER_ID.replace("resourceGroups", "resourcegroups")}):
        assert capacity.check().has_room


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://arm.example",
        "http://[",
        "https://",
        "ftp://127.0.0.1",
        "arm.example",
        "http://127.0.0.1.example",
    ],
)
def test_plain_http_is_for_loopback_only(arm: Stub, endpoint: str) -> None:
    with app_settings({"BLAST_ARM_ENDPOINT": endpoint}):
        found = capacity.check()
    assert (found.has_room, "not https" in found.reason) == (None, True)


@pytest.fixture
def secure_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    path = tmp_path / "arm.pem"
    path.write_bytes(self_signed())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    yield from serve(context)


def self_signed() -> bytes:
    """A key and a certificate for 127.0.0.1, in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "arm")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(
        encoding
    )


class Identity:
    """An identity that has a token, or none."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes += scopes
        if self.token is None:
            raise CredentialUnavailableError("no identity here")
        return AccessToken(self.token, int(time.time()) + 3600)


def test_over_https_the_token_of_the_app_s_identity_goes_along(
    secure_arm: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = Identity("a-token")
    monkeypatch.setattr(capacity, "_credential", lambda _: identity)
    secure_arm.body = cluster(count=1)
    assert capacity.check().has_room
    ((_, headers),) = secure_arm.requests
    assert headers["Authorization"] == "Bearer a-token"
    assert identity.scopes == [f"{secure_arm.address}/.default"]


def test_without_an_identity_nothing_is_asked(secure_arm: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_credential", lambda _: Identity(None))
    found = capacity.check()
    assert (found.has_room, "no identity" in found.reason) == (None, True)
    assert secure_arm.requests == []
