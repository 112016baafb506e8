"""Jobs of two files a part."""

from __future__ import annotations

import pytest

from shared.settings import settings


@pytest.fixture(autouse=True)
def two_files_a_part(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PART_FILES", "2")
    settings.cache_clear()
