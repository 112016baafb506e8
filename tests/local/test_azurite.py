from __future__ import annotations

from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from local import azurite as emulator
from local.azurite import Azurite
from local.processes import ProcessFailed
from local.setup import ROOT


def test_after_a_restart_it_is_where_it_was_with_what_was_written(tmp_path: Path) -> None:
    with (
        Azurite(tmp_path) as emulator,
        QueueClient.from_connection_string(emulator.connection_string, "kept") as queue,
    ):
        queue.create_queue()
        queue.send_message("a message")
        emulator.stop()
        emulator.start()
        message = queue.receive_message()
    assert message
    assert message.content == "a message"


def test_without_a_folder_nothing_is_written_beside_the_project(azurite: str) -> None:
    with QueueClient.from_connection_string(azurite, "inmemory") as queue:
        queue.create_queue()
    assert not list(ROOT.glob("__azurite*"))


def test_an_emulator_that_is_not_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "ROOT", tmp_path)
    with pytest.raises(ProcessFailed, match="Azurite is not installed"):
        Azurite().start()
