"""The storage emulator of a session, and fresh names in it for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from local.azurite import Azurite
from shared import storage
from shared.settings import settings
from tests.keyless import keyless_account

_TABLES = ("JOB_STATE_TABLE", "JOB_INDEX_TABLE", "JOB_ARTIFACT_TABLE")
_OTHERS = (
    "ARTIFACTS_CONTAINER",
    "PAYLOADS_CONTAINER",
    "RESULTS_CONTAINER",
    "QUERIES_CONTAINER",
    "SUBMIT_QUEUE",
    "EVENTS_QUEUE",
    "ARTIFACTS_QUEUE",
)


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """The emulator's connection string; its data are in memory."""
    with Azurite() as emulator:
        yield emulator.connection_string


@pytest.fixture(scope="session")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """App settings of an account without keys."""
    with keyless_account(tmp_path_factory.mktemp("certificate")) as values:
        yield values


def fresh_account(connection_string: str) -> dict[str, str]:
    """App settings under which nothing stands in the emulator yet."""
    return {"AzureWebJobsStorage": connection_string, "AUTH_MODE": "local", **fresh_names()}


def fresh_names() -> dict[str, str]:
    """App settings of names that nothing bears yet."""
    mark = uuid.uuid4().hex[:10]
    return {
        **{name: f"t{number}x{mark}" for number, name in enumerate(_TABLES)},
        **{name: f"n{number}-{mark}" for number, name in enumerate(_OTHERS)},
    }


@contextmanager
def app_settings(values: Mapping[str, str]) -> Iterator[None]:
    """The app settings of this process for a while, with clients that read them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        storage.forget()
        yield
    storage.forget()


@pytest.fixture(autouse=True)
def settings_of_its_own() -> Iterator[None]:
    """What a test sets in the environment and has read ends with it."""
    yield
    settings.cache_clear()


@pytest.fixture
def account(azurite: str) -> Iterator[None]:
    """An account of the emulator in which nothing stands yet."""
    with app_settings(fresh_account(azurite)):
        yield
