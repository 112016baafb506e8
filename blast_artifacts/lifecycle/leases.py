"""How long what a row says of time lasts, by the clock of storage."""

from __future__ import annotations

from datetime import datetime

from shared import clock


def lasts(until: str | None, written: str, written_at: datetime | None, moment: datetime) -> bool:
    """Whether `until` is still to come, in a row that its writer dated `written` and storage `written_at`.

    The writer's clock may be wrong: what counts is how far the two lie apart by it.
    """
    if until is None:
        return False
    dated = clock.from_text(written)
    return moment < (written_at or dated) + (clock.from_text(until) - dated)
