from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.host.cron import Schedule, ScheduleError

START = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("0 */5 * * * *", "2026-11-24 10:05:00"),
        ("*/5 * * * *", "2026-11-24 10:05:00"),
        ("0 0 10 * * *", "2026-11-25 10:00:00"),
        ("30 * * * * *", "2026-11-24 10:00:30"),
        ("* * * * * *", "2026-11-24 10:00:01"),
        ("0 0 0 * * Sunday", "2026-11-29 00:00:00"),
        ("0 0 0 * * s", "2026-11-29 00:00:00"),
        ("0 0 0 * * mon-fri", "2026-11-25 00:00:00"),
        ("0 0 0 1 Jan *", "2027-01-01 00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 10/20 * * * *", "2026-11-24 10:10:00"),
        ("0 1-10/4,50 * * * *", "2026-11-24 10:01:00"),
    ],
)
def test_the_next_instant_is_after_the_start(text: str, following: str) -> None:
    assert Schedule(text).next_after(START) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def test_day_of_month_and_day_of_week_must_both_fit() -> None:
    assert Schedule("0 0 0 13 * 5").next_after(START) == datetime(2027, 8, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "0 0 0 * * 7",
        "0 0 0 ? * *",
        "0 0 0 L * *",
        "0 0 0 15W * *",
        "0 0 0 * * 1#2",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 0 0 * 13 *",
        "0 0 0 31 2 *",
        "0 */0 * * * *",
        "0 30-10 * * * *",
        "0 0 0 * Frimaire *",
        "@hourly",
        "00:05:00",
        "0 * * *",
        "0 0 0 * * * *",
        "",
    ],
)
def test_what_ncrontab_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Schedule(text)


@settings(deadline=None, max_examples=60)
@given(
    seconds=st.sets(st.integers(0, 59), min_size=1, max_size=4),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=4),
    days=st.sets(st.integers(0, 6), min_size=1, max_size=6),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_no_instant_is_skipped_and_none_is_invented(
    seconds: set[int], minutes: set[int], days: set[int], start: datetime
) -> None:
    def fits(moment: datetime) -> bool:
        weekday = (moment.weekday() + 1) % 7
        return moment.second in seconds and moment.minute in minutes and weekday in days

    fields = (",".join(str(each) for each in values) for values in (seconds, minutes, days))
    text = "{} {} * * * {}".format(*fields)
    following = Schedule(text).next_after(start)
    assert following > start
    assert fits(following)
    # Only the hour before it needs looking at: any earlier instant of the same day recurs in it.
    moment = max(start.replace(microsecond=0) + timedelta(seconds=1), following - timedelta(hours=1))
    while moment < following:
        assert not fits(moment)
        moment += timedelta(seconds=1)
