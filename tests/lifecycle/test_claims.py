from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from blast_artifacts.lifecycle import artifacts, claims, finalizer, sentinel
from blast_artifacts.lifecycle.claims import Busy, Claim, ClaimLost, Settled
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock, storage
from tests.lifecycle.makers import make_job, put_results
from tests.lifecycle.roads import waiting


@pytest.fixture
def job(account: None) -> Job:
    return make_job(JobStatus.COMPLETED)


def lapse(monkeypatch: pytest.MonkeyPatch, seconds: str = "0.3") -> None:
    monkeypatch.setenv("LEASE_SECONDS", seconds)
    storage.forget()


def ready(claim: Claim) -> sentinel.Sentinel:
    return claim.ended(SentinelStatus.READY)


def test_one_of_many_claims_at_once_holds(job: Job) -> None:
    def attempt(_: int) -> Claim | None:
        try:
            return claims.claim(job)
        except Busy:
            return None

    with ThreadPoolExecutor(8) as others:
        held = [claim for claim in others.map(attempt, range(8)) if claim]
    assert len(held) == 1


def test_a_live_lease_is_left_alone_and_a_lapsed_one_taken(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    lapse(monkeypatch)
    first = claims.claim(job)
    with pytest.raises(Busy):
        claims.claim(job)
    time.sleep(0.4)
    second = claims.claim(job)
    assert (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(ClaimLost):
        first.publish(ready(first), [])
    second.publish(ready(second), [])


def test_renewal_keeps_a_claim_beyond_its_lease(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENEWAL_SECONDS", "0.1")
    lapse(monkeypatch, "0.5")
    claim = claims.claim(job)
    with claim.kept_alive():
        time.sleep(0.9)
        with pytest.raises(Busy):
            claims.claim(job)
    claim.publish(ready(claim), [])


def test_a_claim_that_was_overtaken_notices_at_its_renewal(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    lapse(monkeypatch, "0.1")
    first = claims.claim(job)
    time.sleep(0.2)
    claims.claim(job)
    first.check()
    first.renew()
    with pytest.raises(ClaimLost):
        first.check()


def test_a_published_run_is_settled(job: Job) -> None:
    claim = claims.claim(job)
    claim.publish(ready(claim), [])
    with pytest.raises(Settled):
        claims.claim(job)


def test_a_released_claim_waits_for_its_back_off(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claims.claim(job)
    claim.release("build_failed", "why", clock.later(0.3))
    with pytest.raises(Busy):
        claims.claim(job)
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert (standing.error_code, standing.error, standing.lease_until) == ("build_failed", "why", None)
    time.sleep(0.4)
    assert claims.claim(job).attempt == 2


def test_attempts_count_even_where_the_process_died(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", "3")
    lapse(monkeypatch, "0.01")
    for _ in range(3):
        claims.claim(job)
        time.sleep(0.05)
    with pytest.raises(Settled):
        claims.claim(job)
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert (standing.status, standing.error_code) == (SentinelStatus.FAILED, "attempts_exhausted")


def test_a_new_run_starts_with_its_attempts_whole(job: Job) -> None:
    claim = claims.claim(job)
    claim.publish(ready(claim), [])
    later = replace(job, run=2)
    sentinel.await_build(later)
    assert claims.claim(later).attempt == 1
    with pytest.raises(Busy):
        claims.claim(job)


def test_asking_again_does_not_unsettle_a_published_run(job: Job) -> None:
    claim = claims.claim(job)
    claim.publish(ready(claim), [])
    sentinel.await_build(job)
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert standing.status is SentinelStatus.READY


AHEAD, BEHIND = timedelta(days=365), timedelta(days=-365)


@contextmanager
def wrong_clock(by: timedelta) -> Iterator[None]:
    real = clock.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.clock.now", lambda: real() + by)
        yield


def test_a_lease_holds_though_the_clock_of_the_claimer_is_behind(job: Job) -> None:
    with wrong_clock(BEHIND):
        first = claims.claim(job)
    with pytest.raises(Busy):
        claims.claim(job)
    with wrong_clock(BEHIND):
        first.renew()
    with pytest.raises(Busy):
        claims.claim(job)


def test_a_lease_lapses_though_the_clock_of_the_claimer_is_ahead(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapse(monkeypatch, "0.01")
    with wrong_clock(AHEAD):
        first = claims.claim(job)
        first.renew()
    time.sleep(0.05)
    assert claims.claim(job).attempt == 2


def test_a_back_off_lasts_though_the_clock_is_behind_and_ends_though_it_is_ahead(job: Job) -> None:
    first = claims.claim(job)
    with wrong_clock(AHEAD):
        first.release("build_failed", "why", clock.later(0.01))
    time.sleep(0.05)
    again = claims.claim(job)
    with wrong_clock(BEHIND):
        again.release("build_failed", "why", clock.later(60))
    with pytest.raises(Busy):
        claims.claim(job)


def test_a_claim_on_a_new_run_clears_what_the_run_before_published(job: Job) -> None:
    """A producer that writes the job row itself starts a run without any other of our steps."""
    put_results(job)
    assert finalizer.finalize(job) == "published"
    claims.claim(replace(job, run=2))
    assert artifacts.of_job(job.job_id) == {}
    assert (job.job_id, Kind.PURGE) in waiting()


def test_a_claim_does_not_follow_a_deletion_into_a_later_run(job: Job) -> None:
    sentinel.bury(job)
    with pytest.raises(Busy):
        claims.claim(replace(job, run=2))


def test_what_failed_for_a_job_that_has_come_to_another_end_since_is_tried_again(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", "1")
    lapse(monkeypatch, "0.01")
    claims.claim(job)
    time.sleep(0.05)
    with pytest.raises(Settled):
        claims.claim(job)
    assert claims.claim(replace(job, status=JobStatus.FAILED)).attempt == 1
