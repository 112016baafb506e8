"""Both ends of the queues around the pipeline, as the app has them."""

from __future__ import annotations

import base64
import json
import shutil
from typing import Any

import pytest

from shared.settings import settings
from shared.storage import container, queue

needs_blast = pytest.mark.skipif(shutil.which("blastp") is None, reason="BLAST+ is not on the PATH")


def submit(job: str, fasta: str, run: int = 1, **changes: Any) -> dict[str, Any]:
    """Store a query FASTA and ask for its search; `changes` are fields of the message."""
    container(settings().queries_container).upload_blob(f"{job}/query.fa", fasta, overwrite=True)
    message = {
        "kind": "search",
        "job": job,
        "run": run,
        "program": "blastp",
        "database": "sample-proteins",
        "query": f"{settings().queries_container}/{job}/query.fa",
        "results": f"{settings().results_container}/{job}/{run}/",
        "options": {"evalue": 10.0, "outfmt": "7 std staxids stitle qlen slen qcovs"},
    } | changes
    send(message)
    return message


def send(message: dict[str, Any]) -> None:
    queue(settings().submit_queue).send_message(json.dumps(message))


def events() -> list[dict[str, Any]]:
    """The events sent since the last call, in order."""
    taken = []
    client = queue(settings().events_queue)
    while message := client.receive_message():
        taken.append(json.loads(base64.b64decode(message.content)))
        client.delete_message(message.id, message.pop_receipt)
    return taken


def waiting() -> int:
    """Messages on the queue of searches, the hidden ones too."""
    return queue(settings().submit_queue).get_queue_properties().approximate_message_count or 0


def files(job: str, run: int = 1) -> dict[str, bytes]:
    """What lies below a run's results prefix, by name."""
    client = container(settings().results_container)
    prefix = f"{job}/{run}/"
    names = [blob.name for blob in client.list_blobs(name_starts_with=prefix)]
    return {name.removeprefix(prefix): client.download_blob(name).readall() for name in names}
