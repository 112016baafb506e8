"""The road from end to artifacts when the building process dies half-way."""

from __future__ import annotations

import signal
from pathlib import Path

from blast_artifacts.lifecycle import artifacts, sentinel
from blast_artifacts.terms import ArtifactType, JobStatus, SentinelStatus
from shared import codec
from tests.conftest import app_settings, fresh_account
from tests.lifecycle.makers import make_job, put_results, tell
from tests.local.host.running import ROOT, running_host, until
from tests.triggers.conftest import App

BATCHES = 120


def test_the_timer_brings_a_job_to_ready_whose_finalizer_was_killed(azurite: str, tmp_path: Path) -> None:
    quick = {"LEASE_SECONDS": "2", "RENEWAL_SECONDS": "0.5", "RETRY_BASE_SECONDS": "0.5"}
    values = {**fresh_account(azurite), **quick}
    with app_settings(values):
        job = make_job(JobStatus.RUNNING)
        put_results(job, batches=BATCHES)
        tell(job, "terminal", status="completed")

        with running_host(ROOT, tmp_path / "first.log", "build", values) as doomed:
            until(lambda: (one := sentinel.find(job.job_id)) and one.lease_until)
            doomed.process.send_signal(signal.SIGKILL)
            doomed.process.wait()
        half_way = sentinel.find(job.job_id)
        assert half_way is not None
        assert half_way.status is SentinelStatus.PENDING
        assert artifacts.of_job(job.job_id) == {}

        with (
            running_host(ROOT, tmp_path / "events.log", "events", values) as events,
            running_host(ROOT, tmp_path / "second.log", "build", values) as builder,
        ):
            timer = App(events.address)

            def ready() -> bool:
                timer.fire("backfill")
                standing = sentinel.find(job.job_id)
                return standing is not None and standing.status is SentinelStatus.READY

            assert builder.address
            until(ready)

        rows = artifacts.of_job(job.job_id)
        assert set(rows) == set(ArtifactType)
        assert len({row.build for row in rows.values()}) == 1
        aggregate = codec.from_json(codec.unpack(artifacts.stored_bytes(rows[ArtifactType.AGGREGATE])))
        assert aggregate["totals"]["hsps"] == 59 * BATCHES
        assert aggregate["complete"] is True
