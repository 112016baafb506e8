"""Settings under which leases lapse and back-offs pass while a test waits."""

from __future__ import annotations

import pytest

from shared.settings import settings


@pytest.fixture
def quick(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (
        ("LEASE_SECONDS", "0.4"),
        ("RENEWAL_SECONDS", "0.1"),
        ("RETRY_BASE_SECONDS", "0.01"),
        ("RETRY_CAP_SECONDS", "0.1"),
    ):
        monkeypatch.setenv(name, seconds)
    settings.cache_clear()


@pytest.fixture
def unrenewed(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewals come when they come; without them the operations of a build have fixed numbers."""
    monkeypatch.setenv("RENEWAL_SECONDS", "60")
    settings.cache_clear()
