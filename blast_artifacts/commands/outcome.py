"""What the commands share: their parsers, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    Parsers = _SubParsersAction[ArgumentParser]

COMPLETE, USAGE, NOT_COMPLETE = 0, 2, 3
"""Exit codes: all is there; nothing was done; done, but not all is there."""


class UsageError(Exception):
    """Something the caller has to say otherwise."""
