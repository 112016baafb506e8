from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, moments)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (clock.to_text(one) < clock.to_text(other)) == (one < other)


@given(moments)
def test_text_reads_back(moment: datetime) -> None:
    assert clock.from_text(clock.to_text(moment)) == moment


def test_a_moment_without_a_zone_is_utc() -> None:
    naive = datetime(2026, 11, 24, 10)
    assert clock.to_text(naive) == "2026-11-24T10:00:00.000000Z"
    assert clock.from_text("2026-11-24T10:00:00").utcoffset() == timedelta(0)


def test_text_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        clock.from_text("yesterday")
