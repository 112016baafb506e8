"""The two roads by which work goes on by itself, the messages of the queues and the timer; and a reader."""

from __future__ import annotations

import base64
import json

import azure.functions as func

from blast_artifacts.lifecycle import backfill, due, events, finalizer
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType
from blast_artifacts.triggers import results
from blast_artifacts.triggers.access import enter
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, queue, table
from tests.local.host.running import until

assert results.blueprint


def make_everything() -> None:
    """All that the emulator makes on first use, so that acts have equal operations from the first time on."""
    given = settings()
    for name in (given.job_state_table, given.job_index_table, given.job_artifact_table):
        table(name)
    for name in (given.artifacts_container, given.payloads_container, given.results_container):
        container(name)
    container(given.queries_container)
    for name in (given.submit_queue, given.events_queue, given.artifacts_queue):
        queue(name)


def messages(queue_name: str) -> list[str]:
    """The messages that can be seen on a queue, taken off it."""
    waiting = queue(queue_name)
    taken = []
    for message in waiting.receive_messages(visibility_timeout=300):
        taken.append(base64.b64decode(message.content).decode())
        waiting.delete_message(message)
    return taken


def asked() -> list[str]:
    """The jobs that finalize messages ask for; the messages are taken off their queue."""
    return [json.loads(text)["job"] for text in messages(settings().artifacts_queue)]


def waiting() -> list[tuple[str, Kind]]:
    """All due work, whenever it comes due."""
    return [(work.job_id, work.kind) for work in due.overdue(clock.later(1e6))]


def lose_due_rows() -> None:
    states = table(settings().job_artifact_table)
    for row in rows.partition_rows(states, due.PARTITION):
        rows.delete(states, row)


def read(job: Job) -> func.HttpResponse:
    """What the job's owner gets who asks for the descriptions."""
    request = func.HttpRequest(
        method="GET",
        url="http://app/api",
        headers={"x-local-user": "ann"},
        route_params={"job_id": job.job_id},
        body=b"",
    )
    return enter(f"read_{ArtifactType.DESCRIPTIONS}", request)


def turn() -> None:
    """One run of the timer, and every message taken in as the host would."""
    backfill.run()
    for text in messages(settings().events_queue):
        events.take_in(text)
    for text in messages(settings().artifacts_queue):
        finalizer.take_in(text)


def go_on(job: Job) -> None:
    """Timer and queues, until no due row wants anything more of the job's artifacts."""

    def is_over() -> bool:
        turn()
        return (job.job_id, Kind.FINALIZE) not in waiting()

    until(is_over, 60)
