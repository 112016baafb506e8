from __future__ import annotations

import pytest
from azure.core.exceptions import ServiceRequestError

from blast_artifacts.views.export import NoSequences
from shared.errors import AppError, told
from shared.rows import Conflict

ADDRESS = "HTTPSConnectionPool(host='blastdata.blob.core.windows.net', port=443): Read timed out."


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServiceRequestError(ADDRESS), "ServiceRequestError"),
        (RuntimeError("ACGTACGT"), "RuntimeError"),
        (OSError(28, "No space left on device", "/var/folder/x"), "OSError: No space left on device"),
        (FileNotFoundError("/var/folder/x"), "FileNotFoundError"),
        (ConnectionError(ADDRESS), "ConnectionError"),
        (MemoryError(), "MemoryError"),
        (Conflict("the row moved on"), "Conflict: the row moved on"),
        (AppError("internal", "Ours."), "AppError: Ours."),
        (NoSequences("no sequences"), "NoSequences: no sequences"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_a_text_that_is_ours_or_the_systems_is_told(error: Exception, expected: str) -> None:
    assert told(error) == expected
