"""A storage account without keys, as in Azure: HTTPS, and tokens of a managed identity."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import trustme

from local.azurite import Azurite, Certificate
from shared import storage
from shared.settings import settings

TENANT = "00000000-0000-0000-0000-0000000007e4"
OBJECT = "00000000-0000-0000-0000-00000000001d"
CLIENT_ID = "00000000-0000-0000-0000-00000000c11d"
HEADER = "the-header-that-only-this-machine-knows"


class IdentityEndpoint(BaseHTTPRequestHandler):
    """What the platform puts beside an app: a token for whoever knows the header."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        is_ours = self.headers["X-IDENTITY-HEADER"] == HEADER and asked.get("client_id") == [CLIENT_ID]
        now = int(time.time())
        claims = {
            "aud": asked["resource"][0],
            "iss": f"https://sts.windows.net/{TENANT}/",
            "tid": TENANT,
            "oid": OBJECT,
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
        }
        token = jwt.encode(claims, "a key that nobody checks, long enough for the library")
        body = json.dumps({"access_token": token, "expires_on": now + 3600, "token_type": "Bearer"})
        self.send_response(200 if is_ours else 403)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode() if is_ours else b"{}")

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def identity_endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), IdentityEndpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/msi/token"
        server.shutdown()
        thread.join()


@contextmanager
def keyless_account(folder: Path) -> Iterator[dict[str, str]]:
    """App settings of such an account, as infra/ writes them; its certificate lies in the folder."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate = Certificate(folder / "chain.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    issued.private_key_pem.write_to_path(certificate.key)
    for blob in issued.cert_chain_pems:
        blob.write_to_path(certificate.chain, append=True)
    with Azurite(certificate=certificate) as emulator, identity_endpoint() as endpoint:
        yield {
            **{f"AzureWebJobsStorage__{of}ServiceUri": f"{at}/" for of, at in emulator.addresses.items()},
            "AzureWebJobsStorage__credential": "managedidentity",
            "AzureWebJobsStorage__clientId": CLIENT_ID,
            "IDENTITY_ENDPOINT": endpoint,
            "IDENTITY_HEADER": HEADER,
            "REQUESTS_CA_BUNDLE": str(folder / "authority.pem"),
            "SSL_CERT_FILE": str(folder / "authority.pem"),
        }


def deploy() -> None:
    """Make in the account of the app settings what infra/ makes."""
    given = settings()
    for name in (given.job_state_table, given.job_index_table, given.job_artifact_table):
        storage.table_service(storage.connection()).create_table(name)
    for name in (
        *(given.artifacts_container, given.payloads_container),
        *(given.results_container, given.queries_container),
    ):
        storage.container(name).create_container()
    listened_to = [given.events_queue, given.artifacts_queue]
    for name in (given.submit_queue, *listened_to, *(f"{name}-poison" for name in listened_to)):
        storage.queue(name).create_queue()
