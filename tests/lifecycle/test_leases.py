"""How long leases and back-offs last: by storage's clock, whatever the writer's shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blast_artifacts.lifecycle.checkpoints import Todo
from blast_artifacts.lifecycle.exports import Export
from blast_artifacts.lifecycle.leases import Leased
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, SentinelStatus
from shared import clock, rows

STORED = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def leased(kind: type[Leased], skew: timedelta) -> Todo | Export | Sentinel:
    """A row stored at noon by a writer whose clock is off by `skew`."""
    dated = clock.to_text(STORED + skew)
    if kind is Todo:
        return Todo(dated, row=rows.Row("job", "todo|b|00000", {}, "", STORED))
    if kind is Sentinel:
        return Sentinel(SentinelStatus.PENDING, "owner", 1, dated, written_at=STORED)
    return Export(ArtifactState.PENDING, 1, "b", "f", "{}", dated, dated, written_at=STORED)


@pytest.mark.parametrize("kind", [Todo, Export, Sentinel])
@pytest.mark.parametrize("skew", [-HOUR, timedelta(0), HOUR])
def test_a_lease_lasts_as_long_as_its_writer_meant(kind: type[Leased], skew: timedelta) -> None:
    row = leased(kind, skew)
    assert (row.is_held(STORED), row.seconds_left(STORED)) == (False, 0)
    until = clock.to_text(STORED + skew + timedelta(seconds=90))
    held, put_off = replace(row, lease_until=until), replace(row, not_before=until)
    for passed, left in ((0, 90), (60, 30), (90, 0), (1000, 0)):
        moment = STORED + timedelta(seconds=passed)
        assert (held.is_held(moment), held.seconds_left(moment)) == (left > 0, left)
        assert (put_off.is_held(moment), put_off.seconds_left(moment)) == (False, left)
