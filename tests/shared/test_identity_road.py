"""Storage without keys, as in Azure: service addresses by name, a managed identity, tokens over HTTPS."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError

from shared import rows, storage
from shared.health import _look as look
from shared.links import link
from shared.settings import settings
from tests.conftest import app_settings, fresh_names
from tests.keyless import OBJECT, deploy


@pytest.fixture
def account(keyless: dict[str, str]) -> Iterator[None]:
    """What infra/ makes, in an account without keys."""
    with app_settings({**keyless, **fresh_names()}):
        deploy()
        yield


def test_nothing_is_made_on_first_use_and_what_is_missing_is_said(keyless: dict[str, str]) -> None:
    with app_settings({**keyless, **fresh_names()}):
        faults = look()
    assert len(faults) == 10
    assert set(faults.values()) == {"missing"}


def test_rows_messages_and_blobs_go_by_identity(account: None) -> None:
    given = settings()
    assert not storage.connection().is_emulator
    rows.insert(storage.table(given.job_state_table), "a-partition", "a-key", {"value": 2**40})
    found = rows.find(storage.table(given.job_state_table), "a-partition", "a-key")
    assert found is not None
    assert found.get("value") == 2**40
    storage.queue(given.submit_queue).send_message("{}")
    (message,) = storage.queue(given.submit_queue).receive_messages()
    assert message.content == "e30="
    storage.container(given.artifacts_container).upload_blob("a/blob", b"bytes")
    assert storage.container(given.artifacts_container).download_blob("a/blob").readall() == b"bytes"


def test_a_link_is_signed_with_a_user_delegation_key_and_opens_that_blob_only(
    account: None, keyless: dict[str, str]
) -> None:
    container = settings().payloads_container
    for name in ("one.gz", "other.gz"):
        storage.container(container).upload_blob(name, name.encode())
    made = link(container, "one.gz", "one result.gz")
    query = parse_qs(urlsplit(made.url).query)
    assert (query["skoid"], query["sr"], query["sp"], query["spr"]) == ([OBJECT], ["b"], ["r"], ["https"])

    def fetch(url: str, method: str = "GET") -> requests.Response:
        return requests.request(method, url, timeout=10, verify=keyless["REQUESTS_CA_BUNDLE"])

    answer = fetch(made.url)
    assert (answer.status_code, answer.content) == (200, b"one.gz")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="one_result.gz"'
    assert fetch(made.url.replace("one.gz", "other.gz")).status_code == 403
    assert fetch(made.url.partition("?")[0]).status_code in (401, 403, 404)
    assert fetch(made.url, "DELETE").status_code == 403


def test_an_identity_that_is_not_ours_reads_nothing(account: None, keyless: dict[str, str]) -> None:
    stranger = {**keyless, "AzureWebJobsStorage__clientId": "another"}
    with app_settings(stranger), pytest.raises(ClientAuthenticationError):
        rows.find(storage.table(settings().job_state_table), "a-partition", "a-key")


def test_a_table_is_read_in_ranges_by_identity(account: None) -> None:
    stored = io.BytesIO()
    pl.DataFrame({"place": range(1000)}).write_parquet(stored, row_group_size=100)
    storage.container(settings().artifacts_container).upload_blob("a/part.parquet", stored.getvalue())
    address = f"az://{settings().artifacts_container}/a/part.parquet"
    rows = pl.scan_parquet(address, **storage.scan_options()).slice(500, 2).collect()
    assert rows["place"].to_list() == [500, 501]
