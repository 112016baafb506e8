from __future__ import annotations

import pytest
from azure.storage.blob import BlobClient

from shared import blob_writer
from shared.blob_writer import BlobWriter
from shared.settings import settings
from shared.storage import container


@pytest.fixture
def blob(account: None, monkeypatch: pytest.MonkeyPatch) -> BlobClient:
    monkeypatch.setattr(blob_writer, "_BLOCK_BYTES", 1000)
    return container(settings().artifacts_container).get_blob_client("job/1/build/exports/x.csv")


def unchecked(size: int) -> None:
    pass


def write_on(file: BlobWriter) -> None:
    while True:
        file.write(b"x" * 400)


def test_what_was_written_is_the_blob_in_order(blob: BlobClient) -> None:
    pieces = [bytes([number]) * (number * 37) for number in range(100)]
    with BlobWriter(blob, unchecked) as file:
        for piece in pieces:
            assert file.write(piece) == len(piece)
        assert not blob.exists()
        file.commit("text/csv")
    found = blob.download_blob()
    assert found.readall() == b"".join(pieces)
    assert found.properties.content_settings.content_type == "text/csv"
    assert file.size == found.size


def test_nothing_written_is_an_empty_blob(blob: BlobClient) -> None:
    with BlobWriter(blob, unchecked) as file:
        file.commit("text/csv")
    assert blob.get_blob_properties().size == 0


def test_what_the_check_raises_ends_the_writing_and_leaves_no_blob(blob: BlobClient) -> None:
    class Over(Exception):
        pass

    def check(size: int) -> None:
        if size > 2500:
            raise Over

    with BlobWriter(blob, check) as file:
        with pytest.raises(Over):
            write_on(file)
        assert isinstance(file.error, Over)
    assert not blob.exists()


def test_an_upload_that_fails_fails_the_writing(blob: BlobClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(blob, "stage_block", refuse)
    with BlobWriter(blob, unchecked) as file, pytest.raises(ConnectionError):
        write_on(file)
    with BlobWriter(blob, unchecked) as file:
        file.write(b"x")
        with pytest.raises(ConnectionError):
            file.commit("text/csv")
    assert not blob.exists()
