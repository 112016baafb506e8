"""What a job costs here: CPU seconds a job, a file and a MB, storage operations a job and a file."""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.questions import SPEC, write_search
from benchmarks.searches import Search, query_of
from blast_artifacts.files import find_sources
from blast_artifacts.lifecycle import events, finalizer, submit
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import TerminalEvent
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.terms import JobStatus
from blast_artifacts.views.build import Job as Built
from blast_artifacts.views.build import build_result
from local.azurite import Azurite
from local.environment import environment
from local.faults import FaultProxy
from shared import clock, storage
from shared.settings import settings
from shared.storage import container, queue

FEW, MANY = 10, 190
SMALL, LARGE = 200_000, 1_000_000
_SEARCH = Search(1, "7 std", FEW, JobStatus.COMPLETED)


def measure() -> dict[str, Any]:
    """All costs, as `benchmarks.load.Costs` takes them; a job is submitted, ended, and built."""
    with Azurite() as emulator:
        with FaultProxy(emulator.connection_string) as proxy, _app_on(proxy.connection_string):
            _run(_SEARCH, proxy)
            few, many = (_run(replace(_SEARCH, files=files), proxy)[0] for files in (FEW, MANY))
        # Not through the proxy, which takes CPU of this process.
        with _app_on(emulator.connection_string):
            cpu_few, cpu_many = (_run(replace(_SEARCH, files=files))[1] for files in (FEW, MANY))
    per_file = {kind: (many[kind] - few[kind]) / (MANY - FEW) for kind in many}
    cpu_file = (cpu_many - cpu_few) / (MANY - FEW)
    return {
        "cpu_job": round(cpu_few - FEW * cpu_file, 3),
        "cpu_file": round(cpu_file, 5),
        "cpu_mb": round(_cpu_of_a_mb(), 5),
        "job": {kind: round(few[kind] - FEW * per_file[kind]) for kind in sorted(few)},
        "file": {kind: number for kind, number in sorted(per_file.items()) if number},
    }


@contextmanager
def _app_on(connection_string: str) -> Iterator[None]:
    with environment({"AzureWebJobsStorage": connection_string, "AUTH_MODE": "local"}):
        storage.forget()
        yield
        storage.forget()


def _run(search: Search, proxy: FaultProxy | None = None) -> tuple[Counter[str], float]:
    """Operations from submit to the artifacts, without the pipeline's own; CPU seconds of the build."""
    counted: Counter[str] = Counter()
    before = Counter(proxy.operations) if proxy else counted
    body = {"program": "blastn", "database": "db", "query": query_of(search), "options": {"outfmt": "7 std"}}
    job = submit.submit("local.bench", json.dumps(body).encode())
    counted += _since(before, proxy)
    _leave_results(job, search)
    before = Counter(proxy.operations) if proxy else counted
    end = TerminalEvent(kind="terminal", job=job.job_id, run=1, status=JobStatus.COMPLETED, at=clock.now())
    events.take_in(end.model_dump_json())
    message = queue(settings().artifacts_queue).receive_message()
    assert message
    began = time.process_time()
    became = finalizer.take_in(base64.b64decode(message.content))
    spent = time.process_time() - began
    assert became == "published", became
    queue(settings().artifacts_queue).delete_message(message)
    return counted + _since(before, proxy), spent


def _since(before: Counter[str], proxy: FaultProxy | None) -> Counter[str]:
    return proxy.operations - before if proxy else Counter()


def _leave_results(job: Job, search: Search) -> None:
    container_name, _, prefix = job.results_prefix.partition("/")
    for name, data in search.folder():
        container(container_name).upload_blob(prefix + name, data)


def _cpu_of_a_mb() -> float:
    """CPU seconds of a MB of tabular output, from two builds of as many files."""
    spent, sizes = [], []
    for hsps in (SMALL, LARGE):
        with tempfile.TemporaryDirectory() as place:
            results, tables = Path(place) / "results", Path(place) / "tables"
            results.mkdir()
            tables.mkdir()
            write_search(results, hsps)
            sizes.append(sum(len(gzip.decompress(file.read_bytes())) for file in results.iterdir()) / 1e6)
            began = time.process_time()
            build_result(Built("bench"), find_sources(results, alone=True), tables, outfmt=parse_outfmt(SPEC))
            spent.append(time.process_time() - began)
    return (spent[1] - spent[0]) / (sizes[1] - sizes[0])
