"""The contract: what Microsoft's worker library finds in function_app.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

JOB = "blast/jobs/{job_id}"
READ = ["GET", "HEAD"]

HTTP = {
    "submit_job": ("blast/jobs", ["POST"]),
    "list_jobs": ("blast/jobs", ["GET"]),
    "get_job": (JOB, ["GET"]),
    "delete_job": (JOB, ["DELETE"]),
    "cancel_job": (f"{JOB}/cancel", ["POST"]),
    "retry_job": (f"{JOB}/retry", ["POST"]),
    "rebuild_job": (f"{JOB}/rebuild", ["POST"]),
    "read_execution_steps": (f"{JOB}/execution-steps", READ),
    "read_result_manifest": (f"{JOB}/results", READ),
    "read_result_aggregate": (f"{JOB}/results/aggregate", READ),
    "read_result_queries": (f"{JOB}/results/queries", READ),
    "read_result_descriptions": (f"{JOB}/results/descriptions", READ),
    "read_result_alignments": (f"{JOB}/results/alignments", READ),
    "read_result_taxonomy": (f"{JOB}/results/taxonomy", READ),
    "read_graphic": (f"{JOB}/results/graphic", READ),
    "export_table": (f"{JOB}/results/export", READ),
    "list_log_chunks": (f"{JOB}/execution-steps/logs/{{step}}", ["GET"]),
    "read_log_chunk": (f"{JOB}/execution-steps/logs/{{step}}/{{sequence}}", ["GET"]),
    "read_file": (f"{JOB}/results/files/{{file_id}}", READ),
    "health": ("health", ["GET"]),
    "read_openapi": ("openapi.json", ["GET"]),
}
QUEUES = {
    "take_in_event": "blast-events",
    "finalize_job": "blast-artifacts",
    "take_in_poisoned_event": "blast-events-poison",
    "take_in_poisoned_finalize": "blast-artifacts-poison",
}
TIMERS = {"backfill": "0 * * * * *"}

INDEX = """
import asyncio, json, pathlib
from local.host.worker import Worker

async def index():
    worker = Worker(pathlib.Path.cwd())
    await worker.start()
    print(json.dumps({each.name: each.trigger for each in worker.functions}))
    worker.stop()

asyncio.run(index())
"""


def interpreters() -> list[str]:
    """The Pythons that set-up made an environment for: this one, and another where the machine has it."""
    folder = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    others = [str(path) for path in sorted(ROOT.glob(f".venv-3.*/{folder}"))]
    return [sys.executable, *others]


@pytest.fixture(scope="module", params=interpreters(), ids=lambda path: Path(path).parts[-3])
def found(request: pytest.FixtureRequest) -> dict[str, dict[str, object]]:
    environment = {name: value for name, value in os.environ.items() if "QUEUE" not in name}
    indexed = subprocess.run(
        [request.param, "-W", "error", "-c", INDEX],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert indexed.returncode == 0, indexed.stderr
    functions: dict[str, dict[str, object]] = json.loads(indexed.stdout.splitlines()[-1])
    return functions


def test_exactly_these_functions_are_found(found: dict[str, dict[str, object]]) -> None:
    assert set(found) == {*HTTP, *QUEUES, *TIMERS}


@pytest.mark.parametrize("name", HTTP)
def test_routes_and_methods(found: dict[str, dict[str, object]], name: str) -> None:
    trigger = found[name]
    assert trigger["type"] == "httpTrigger"
    assert (trigger["route"], trigger["methods"]) == HTTP[name]
    assert str(trigger["authLevel"]).lower() == "anonymous"


@pytest.mark.parametrize("name", QUEUES)
def test_queues(found: dict[str, dict[str, object]], name: str) -> None:
    trigger = found[name]
    assert trigger["type"] == "queueTrigger"
    assert (trigger["queueName"], trigger["connection"]) == (QUEUES[name], "AzureWebJobsStorage")


@pytest.mark.parametrize("name", TIMERS)
def test_timers(found: dict[str, dict[str, object]], name: str) -> None:
    trigger = found[name]
    assert trigger["type"] == "timerTrigger"
    assert (trigger["schedule"], trigger["runOnStartup"]) == (TIMERS[name], False)


def test_importing_the_app_loads_neither_tables_nor_storage_clients() -> None:
    code = "import sys, time, function_app; print(time.process_time(), *sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, *modules = loaded.stdout.split()
    assert float(seconds) < 2  # of the processor: others may be at work on it as well
    heavy = {"polars", "azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.identity"}
    assert heavy.isdisjoint(modules)
