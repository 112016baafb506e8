"""Time as the app stores it: UTC, ISO 8601 with microseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    return datetime.now(UTC)


def later(seconds: float) -> datetime:
    """The moment `seconds` from now."""
    return now() + timedelta(seconds=seconds)


def to_text(moment: datetime) -> str:
    """A moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Inverse of `to_text`; takes any ISO 8601 text, without a zone as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
