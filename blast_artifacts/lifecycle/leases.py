"""How long what a row says of time lasts, by the clock of storage."""

from __future__ import annotations

from datetime import datetime

from shared import clock


def seconds_left(until: str | None, written: str, written_at: datetime | None, moment: datetime) -> float:
    """How long `until` is still to come, in a row that its writer dated `written` and storage `written_at`.

    0 where it has passed. The writer's clock may be wrong: what counts is how far the two lie apart by it.
    """
    if until is None:
        return 0.0
    dated = clock.from_text(written)
    end = (written_at or dated) + (clock.from_text(until) - dated)
    return max((end - moment).total_seconds(), 0.0)
