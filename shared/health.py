"""Whether every table, container and queue is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from shared.settings import settings
from shared.storage import container, queue, table

_REMEMBERED_SECONDS = {True: 30.0, False: 5.0}

_lock = threading.Lock()
_last: tuple[float, dict[str, str]] = (0.0, {})


def health() -> dict[str, str]:
    """What is wrong, by name: `missing`, `forbidden` or `unreachable`; empty when all is well.

    Looked up once in 30 s (5 s while something is wrong), so that asking often costs nothing.
    """
    global _last
    with _lock:
        until, faults = _last
        if time.monotonic() >= until:
            faults = _look()
            _last = (time.monotonic() + _REMEMBERED_SECONDS[not faults], faults)
        return faults


def _look() -> dict[str, str]:
    given = settings()
    tables = (given.job_state_table, given.job_index_table, given.job_artifact_table)
    containers = (
        *(given.artifacts_container, given.payloads_container),
        *(given.results_container, given.queries_container),
    )
    queues = (given.submit_queue, given.events_queue, given.artifacts_queue)
    probes: dict[str, Callable[[], Any]] = {
        **{f"table {name}": partial(_read_nothing, name) for name in tables},
        **{f"container {name}": partial(_see_container, name) for name in containers},
        **{f"queue {name}": partial(_see_queue, name) for name in queues},
    }
    found = {name: _fault(probe) for name, probe in probes.items()}
    return {name: fault for name, fault in found.items() if fault}


def _read_nothing(name: str) -> None:
    next(iter(table(name).query_entities("PartitionKey eq 'none'", results_per_page=1)), None)


def _see_container(name: str) -> None:
    container(name).get_container_properties()


def _see_queue(name: str) -> None:
    queue(name).get_queue_properties()


def _fault(probe: Callable[[], Any]) -> str | None:
    from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError

    try:
        probe()
    except ResourceNotFoundError:
        return "missing"
    except HttpResponseError as error:
        return "forbidden" if error.status_code == 403 else "unreachable"
    except AzureError:
        return "unreachable"
    return None
