"""NCRONTAB schedules: six fields, seconds first, with the rules of Azure Functions and not of Unix cron."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from croniter import croniter

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august"]
_MONTHS += ["september", "october", "november", "december"]
_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("second", 0, 59, []),
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of month", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_ITEM = re.compile(r"(\*|[0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?(?:/([0-9]+))?", re.IGNORECASE)


class ScheduleError(ValueError):
    """The text is not an NCRONTAB schedule, or never comes due."""


class Schedule:
    """A schedule in UTC. Day of month and day of week must both fit; raises ScheduleError."""

    def __init__(self, text: str) -> None:
        fields = text.split()
        if len(fields) == 5:
            fields.insert(0, "0")
        if len(fields) != len(_FIELDS):
            raise ScheduleError(f"{text!r}: a schedule has six fields, seconds first")
        self.text = text
        # croniter sees numbers only, so that nothing of its own dialect (7, L, #, ?) gets through.
        self._expression = " ".join(
            _numbers(field, *limits) for field, limits in zip(fields, _FIELDS, strict=True)
        )
        self.next_after(datetime(2024, 1, 1))

    def next_after(self, moment: datetime) -> datetime:
        """The first instant later than `moment`."""
        try:
            clock: Any = croniter(self._expression, moment, second_at_beginning=True, day_or=False)
            following: datetime = clock.get_next(datetime)
        except ValueError as error:
            raise ScheduleError(f"{self.text!r}: {error}") from error
        return following


def _numbers(field: str, name: str, lowest: int, highest: int, words: list[str]) -> str:
    """The field as a list of numbers, or `*` where every number fits."""
    chosen: set[int] = set()
    for item in field.split(","):
        match = _ITEM.fullmatch(item)
        if not match or (match[1] == "*" and match[2]):
            raise ScheduleError(f"{item!r} cannot stand in the field {name}")
        first = lowest if match[1] == "*" else _number(match[1], name, lowest, highest, words)
        last = highest if match[1] == "*" or match[3] else first
        if match[2]:
            last = _number(match[2], name, lowest, highest, words)
        step = int(match[3] or 1)
        if first > last or not step:
            raise ScheduleError(f"{item!r} in the field {name} goes backwards")
        chosen.update(range(first, last + 1, step))
    if len(chosen) == highest - lowest + 1:
        return "*"
    return ",".join(str(number) for number in sorted(chosen))


def _number(text: str, name: str, lowest: int, highest: int, words: list[str]) -> int:
    if text.isdigit():
        if lowest <= int(text) <= highest:
            return int(text)
    else:
        for index, word in enumerate(words):
            if word.startswith(text.lower()):
                return lowest + index
    raise ScheduleError(f"{text!r} cannot stand in the field {name} ({lowest} to {highest})")
