"""Many jobs under many faults: python -m benchmarks.soak --jobs N --seed S.

Starts the local stack with a proxy before its storage, submits the jobs over HTTP, lets a pipeline leave
results of 1 to 200 files, and meanwhile breaks connections, delivers messages twice, kills processes and
restarts storage, as long as there is anything to disturb. Then it looks at what stands (`end_state`), and
prints one JSON object; ends with 1 where anything is wrong. App settings of the environment hold for the app.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import requests

from benchmarks import measured
from benchmarks.disturbed import SHARES, Blows, running
from benchmarks.end_state import Expected, settle
from benchmarks.figures import spread
from benchmarks.searches import USER, Pipeline, Search, clean_counts, plan, submit
from blast_artifacts.lifecycle import jobs, sentinel
from blast_artifacts.terms import SentinelStatus
from local.faults import Faults
from shared import clock

_SETTLE_SECONDS = 180
_LOOK_SECONDS = 0.2
_READ_SECONDS = 0.5
_SUBMITS_AT_ONCE = 2


def soak(
    searches: Sequence[Search],
    seed: int,
    data: Path,
    *,
    workers: int = 2,
    kill_every: float = 8.0,
    restart_every: float = 45.0,
    disturbed_seconds: float = 3600.0,
) -> dict[str, Any]:
    """Run the searches under faults, for that long at most, and then without; the figures."""
    began = time.monotonic()
    with (
        running(data, workers, Faults(SHARES, seed=seed)) as stack,
        _Work(stack.address, searches, seed) as work,
    ):
        assert stack.proxy
        blows = Blows(stack, seed, kill_every, restart_every)
        until = time.monotonic() + disturbed_seconds
        while time.monotonic() < until and not (blows.fell and work.is_over()):
            time.sleep(_LOOK_SECONDS)
            blows.fall()
        disturbed = time.monotonic() - began
        stack.proxy.faults = Faults()
        until = time.monotonic() + _SETTLE_SECONDS
        while True:
            # The last blow too is got over.
            time.sleep(_LOOK_SECONDS)
            stack.watch()
            if work.is_over() or time.monotonic() > until:
                break
        expected = work.expected()
        found = [*settle(expected, _SETTLE_SECONDS), *work.reader.misread(expected)]
        return {
            "seed": seed,
            "jobs": len(searches),
            "files": sum(one.files for one in searches),
            "seconds": {"disturbed": round(disturbed), "in_all": round(time.monotonic() - began)},
            "faults": dict(stack.proxy.injected),
            "kills": dict(blows.kills),
            "storage_restarts": blows.restarts,
            **_outcomes(list(expected)),
            "reads": dict(work.reader.statuses),
            "storage_operations": dict(stack.proxy.operations),
            "wrong": found,
        }


class _Work:
    """The searches on their way: submitted, run by a pipeline, and read all the while; a context manager."""

    def __init__(self, address: str, searches: Sequence[Search], seed: int) -> None:
        self._address, self._searches, self._seed = address, searches, seed
        self._job_ids: dict[int, str] = {}
        self._pipeline = Pipeline(searches, seed)
        self._pool = ThreadPoolExecutor(_SUBMITS_AT_ONCE)
        self.reader = Reader(address, self._job_ids)

    def is_over(self) -> bool:
        """Whether every job has been submitted, searched, and finalized; raises what a submit raised."""
        for one in self._submits:
            if not one.done():
                return False
            one.result()
        if self._pipeline.done < len(self._searches):
            return False
        standing = (sentinel.find(job_id) for job_id in self._job_ids.values())
        return all(one and one.status is not SentinelStatus.PENDING for one in standing)

    def expected(self) -> dict[str, Expected]:
        """What is to become of each job."""
        return {self._job_ids[one.number]: Expected(one.ends, clean_counts(one)) for one in self._searches}

    def _submit(self, search: Search) -> None:
        self._job_ids[search.number] = submit(self._address, search, self._seed)

    def __enter__(self) -> Self:
        self._submits = [self._pool.submit(self._submit, one) for one in self._searches]
        self._pipeline.start()
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self.reader.stop()
        self._pipeline.stop()


class Reader(threading.Thread):
    """Reads the aggregate of one job after the other, as a page would, and keeps what it was answered."""

    def __init__(self, address: str, job_ids: Mapping[int, str]) -> None:
        super().__init__(name="reader", daemon=True)
        self._address = address
        self._job_ids = job_ids
        self._over = threading.Event()
        self.statuses: Counter[str] = Counter()
        self.totals: dict[str, list[dict[str, Any]]] = {}

    def stop(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        with requests.Session() as session:
            session.headers["X-Local-User"] = USER
            turn = 0
            while not self._over.wait(_READ_SECONDS):
                if known := list(self._job_ids.values()):
                    self._read(session, known[turn % len(known)])
                    turn += 1

    def _read(self, session: requests.Session, job_id: str) -> None:
        try:
            answer = session.get(f"{self._address}/api/blast/jobs/{job_id}/results/aggregate", timeout=60)
        except requests.RequestException:
            self.statuses["no answer"] += 1
            return
        self.statuses[f"{answer.status_code} {answer.headers.get('X-Artifact-Source', '')}".strip()] += 1
        if answer.status_code == 200:
            seen = self.totals.setdefault(job_id, [])
            if (totals := answer.json()["totals"]) not in seen:
                seen.append(totals)

    def misread(self, expected: Mapping[str, Expected]) -> list[str]:
        """Answers that counted anything else than a clean run does."""
        return [
            f"{job_id}: a reader was told {totals}"
            for job_id, seen in list(self.totals.items())
            for totals in seen
            if any(expected[job_id].counts[name] != value for name, value in totals.items())
        ]


def _outcomes(job_ids: Sequence[str]) -> dict[str, Any]:
    """How the jobs ended, in how many attempts, and how long after their end."""
    ended: Counter[str] = Counter()
    attempts: Counter[str] = Counter()
    waits = []
    for job_id in job_ids:
        standing, job = sentinel.find(job_id), jobs.get_summary(job_id)
        if standing is None or job is None or job.finished_at is None:
            ended["unfinished"] += 1
            continue
        ended[" ".join(filter(None, (standing.status, standing.error_code)))] += 1
        attempts[str(standing.attempts)] += 1
        waited = clock.from_text(standing.updated_at) - clock.from_text(job.finished_at)
        waits.append(waited.total_seconds())
    return {
        "ended": dict(ended),
        "attempts": dict(sorted(attempts.items())),
        "seconds_to_ready": spread(waits),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--files", type=int, default=200, help="most files of a job (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes that build (2)")
    parser.add_argument("--data", type=Path, help="folder to keep data and logs in; none is kept without it")
    asked = parser.parse_args()
    searches = plan(asked.jobs, asked.files, asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        figures = soak(searches, asked.seed, asked.data or Path(folder), workers=asked.workers)
    measured.say(figures)
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
