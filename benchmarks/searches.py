"""Searches for the soak: what is submitted, what a pipeline leaves, and what a clean run makes of that."""

from __future__ import annotations

import base64
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import requests
from azure.core.exceptions import AzureError

from blast_artifacts.files import FileSource, find_sources
from blast_artifacts.lifecycle.messages import Finalize, StepEvent, TerminalEvent
from blast_artifacts.terms import ArtifactType, JobStatus, StepState
from blast_artifacts.views.build import Job, build_result
from shared import clock, codec
from shared.settings import settings
from shared.storage import container, queue

CASES = Path(__file__).parents[1] / "tests" / "data" / "cases" / "same-search"
OUTPUTS = {
    "7 std": "outfmt7.tsv",
    "6 std": "outfmt6.tsv",
    "5": "outfmt5.xml",
    "15": "outfmt15.json",
}
"""Recorded output of one search, by the format that was asked for."""

USER = "soak"
_PROGRAM = "blastn"
_WEIGHTS = (6, 1, 2, 1)
_FAILED_SHARE = 0.1
_INSIST_SECONDS = 120
_TWICE_SHARE = 0.3

Result = TypeVar("Result")


@dataclass(frozen=True)
class Search:
    """One job to be: its number, how its output is written, how many batches it leaves, and how it ends."""

    number: int
    outfmt: str
    files: int
    ends: JobStatus

    @property
    def database(self) -> str:
        """Its number in what the pipeline is told, so that a search is known whatever id it got."""
        return f"db{self.number}"

    def folder(self) -> Iterator[tuple[str, bytes]]:
        """The files of its results and their paths; the marker of its end comes last."""
        data = codec.pack((CASES / OUTPUTS[self.outfmt]).read_bytes())
        for number in range(self.files):
            yield f"batch_{number:03d}-{_PROGRAM}-db.out.gz", data
        yield "metadata/num_jobs_submitted.txt", str(self.files).encode()
        if self.ends is JobStatus.COMPLETED:
            yield "metadata/SUCCESS.txt", b""
        else:
            yield "metadata/FAILURE.txt", b"BLAST failed"


def plan(jobs: int, most_files: int, seed: int) -> list[Search]:
    """Jobs of 1 to `most_files` files, small ones the more frequent; one in ten fails."""
    chance = random.Random(seed)  # noqa: S311 - guards nothing

    def search(number: int) -> Search:
        (outfmt,) = chance.choices(list(OUTPUTS), _WEIGHTS)
        ends = JobStatus.FAILED if chance.random() < _FAILED_SHARE else JobStatus.COMPLETED
        return Search(number, outfmt, round(most_files ** chance.random()), ends)

    return [search(number) for number in range(jobs)]


def query_of(search: Search) -> str:
    return (CASES / "query.fa").read_text("utf-8") * search.files


def insist(act: Callable[[], Result]) -> Result:
    """What the act gives, tried until storage and app are there to answer it."""
    end = time.monotonic() + _INSIST_SECONDS
    while True:
        try:
            return act()
        except (AzureError, requests.RequestException):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def submit(address: str, search: Search, seed: int) -> str:
    """Submit under a key of its own until the app has taken it in; the job's id."""
    body = {
        "program": _PROGRAM,
        "database": search.database,
        "query": query_of(search),
        "options": {"outfmt": search.outfmt},
    }
    headers = {"X-Local-User": USER, "Idempotency-Key": f"soak-{seed}-{search.number}"}

    def ask() -> str:
        answer = requests.post(f"{address}/api/blast/jobs", json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["job_id"])

    return insist(ask)


class Pipeline(threading.Thread):
    """Takes searches off their queue and leaves results, markers and events, some of these twice.

    It reaches storage past all faults; `searches` are those that it may be asked for. Ends with `stop`.
    """

    def __init__(self, searches: Sequence[Search], seed: int) -> None:
        super().__init__(name="pipeline", daemon=True)
        self._searches = {search.database: search for search in searches}
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._over = threading.Event()
        self._done: set[tuple[str, int]] = set()

    @property
    def done(self) -> int:
        """How many searches have come to their end."""
        return len(self._done)

    def stop(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.is_set():
            taken = insist(lambda: queue(settings().submit_queue).receive_message(visibility_timeout=300))
            if taken is None:
                self._over.wait(0.1)
                continue
            asked = json.loads(base64.b64decode(taken.content))
            if asked["kind"] == "search" and (asked["job"], asked["run"]) not in self._done:
                self._search(asked)
            insist(lambda: queue(settings().submit_queue).delete_message(taken))  # noqa: B023 - called here

    def _search(self, asked: Mapping[str, Any]) -> None:
        search = self._searches[asked["database"]]
        container_name, _, prefix = asked["results"].partition("/")
        for name, data in search.folder():
            insist(lambda: container(container_name).upload_blob(prefix + name, data, overwrite=True))  # noqa: B023
        told = [*self._steps(asked), self._end(asked, search)]
        if self._chance.random() < _TWICE_SHARE:
            # Twice, and the second time out of order.
            again = list(told)
            self._chance.shuffle(again)
            told += again
        for event in told:
            insist(lambda: queue(settings().events_queue).send_message(event))  # noqa: B023
        if self._chance.random() < _TWICE_SHARE:
            hint = Finalize(job=asked["job"], run=asked["run"]).model_dump_json()
            insist(lambda: queue(settings().artifacts_queue).send_message(hint))
        self._done.add((asked["job"], asked["run"]))

    def _steps(self, asked: Mapping[str, Any]) -> Iterator[str]:
        for state in (StepState.STARTED, StepState.FINISHED):
            about = {"kind": "step", "job": asked["job"], "run": asked["run"]}
            yield StepEvent(**about, step="running", state=state, at=clock.now()).model_dump_json()

    def _end(self, asked: Mapping[str, Any], search: Search) -> str:
        about = {"kind": "terminal", "job": asked["job"], "run": asked["run"], "status": search.ends}
        return TerminalEvent(**about, at=clock.now()).model_dump_json()


def clean_counts(search: Search) -> dict[str, Any]:
    """The counts of a run of that search without any fault, past storage, queues and host."""
    return _clean_counts(replace(search, number=0))


@cache
def _clean_counts(search: Search) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        results, tables = Path(place) / "results", Path(place) / "tables"
        tables.mkdir()
        for name, data in search.folder():
            (results / name).parent.mkdir(parents=True, exist_ok=True)
            (results / name).write_bytes(data)
        query = Path(place) / "query.fa"
        query.write_text(query_of(search), "utf-8")
        job = Job(
            "clean-run",
            status=search.ends,
            program=_PROGRAM,
            database=search.database,
            options={"outfmt": search.outfmt},
            query_fasta=FileSource(query, query.name),
        )
        built = build_result(job, find_sources(results, alone=True), tables)
    return counts({kind: codec.from_json(body) for kind, body in built.artifacts.items()})


def counts(bodies: Mapping[ArtifactType, Mapping[str, Any]]) -> dict[str, Any]:
    """What a set of artifacts counts: totals, rows of each table, files by what became of them."""
    aggregate = bodies[ArtifactType.AGGREGATE]
    tables = (ArtifactType.QUERIES, ArtifactType.DESCRIPTIONS, ArtifactType.ALIGNMENTS)
    return {
        "complete": aggregate["complete"],
        "sources": aggregate["sources"],
        **aggregate["totals"],
        **{kind: bodies[kind]["total"] for kind in tables},
    }
