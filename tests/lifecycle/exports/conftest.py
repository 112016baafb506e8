"""A published job whose exports are asked for."""

from __future__ import annotations

import pytest

from blast_artifacts.lifecycle import (
    finalizer,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared.settings import settings
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.triggers.conftest import taken


@pytest.fixture
def job(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A published job; waits are short enough to be sat out."""
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.2")
    monkeypatch.setenv("LEASE_SECONDS", "0.3")
    monkeypatch.setenv("RENEWAL_SECONDS", "0.1")
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    put_results(job, batches=2)
    tell(job, "terminal", status="completed")
    assert finalizer.finalize(stands(job)) == "published"
    taken()
    return stands(job)
