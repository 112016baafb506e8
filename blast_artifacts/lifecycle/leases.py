"""How long what a row says of time lasts, by the clock of storage."""

from __future__ import annotations

from datetime import datetime

from shared import clock


class Leased:
    """A row that somebody is at work on until `lease_until`, and nobody is to begin with before `not_before`.

    Its writer dated it `updated_at`, storage `written_at`. The writer's clock may be wrong: what counts is
    how far its own two times lie apart. So who writes it anew takes over no time of another's.
    """

    updated_at: str
    lease_until: str | None
    not_before: str | None

    @property
    def written_at(self) -> datetime | None:
        raise NotImplementedError

    @property
    def stored_at(self) -> datetime:
        """When it was written, by storage's clock where that is known."""
        return self.written_at or clock.from_text(self.updated_at)

    def is_held(self, moment: datetime) -> bool:
        return self._left(self.lease_until, moment) > 0

    def seconds_left(self, moment: datetime) -> float:
        """Until it may be claimed: 0 where nobody is at it, and no back-off keeps it."""
        return max(self._left(until, moment) for until in (self.lease_until, self.not_before))

    def by_storage(self, said: str) -> datetime:
        """A moment that its writer wrote into it, by storage's clock."""
        return self.stored_at + (clock.from_text(said) - clock.from_text(self.updated_at))

    def _left(self, until: str | None, moment: datetime) -> float:
        return max((self.by_storage(until) - moment).total_seconds(), 0.0) if until else 0.0
