"""How a search ends when it does not complete, and what BLAST+'s exit codes mean."""

from __future__ import annotations

import re

EXIT_CODES = {
    1: "query",
    2: "blast_database",
    3: "engine",
    4: "memory",
    5: "network",
    6: "output",
    134: "aborted",
    137: "killed",
}
"""BLAST+'s own exit codes (query stands for its options too) and those of a process ended by a signal."""

UNKNOWN = "unknown"

_ERROR = re.compile(r"\berror:", re.IGNORECASE)


class SearchFailed(Exception):
    """The search cannot complete; `code` is stable, `message` one line, `exit_code` BLAST's own."""

    def __init__(self, code: str, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.exit_code = exit_code


class Cancelled(Exception):
    """The search was cancelled."""


class Stopped(Exception):
    """The pipeline itself is ending; the search goes on when it is started again."""


def first_line(errors: str) -> str:
    """The first line that names an error (BLAST+ prints its usage before it), or the first there is."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return next((line for line in lines if _ERROR.search(line)), next(iter(lines), ""))


def of_exit_code(exit_code: int, errors: str) -> SearchFailed:
    """The failure that BLAST+ reported by its exit code and standard error."""
    message = first_line(errors) or f"BLAST+ ended with exit code {exit_code}"
    return SearchFailed(EXIT_CODES.get(exit_code, UNKNOWN), message, exit_code)
