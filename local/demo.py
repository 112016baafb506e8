"""The command `demo`: a real search from submit to its artifacts read back, then everything ended."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from local.pipeline import sample
from local.processes import ProcessFailed
from local.setup import ROOT
from local.stack import Stack, interrupted_by_sigterm

USER = "demo"
VIEWS = {
    "execution-steps": "execution_steps",
    "results": "result_manifest",
    "results/aggregate": "result_aggregate",
    "results/queries": "result_queries",
    "results/descriptions": "result_descriptions",
    "results/alignments": "result_alignments",
    "results/taxonomy": "result_taxonomy",
}
"""Path of each default view below the job, and the artifact it shows."""

_POLL_SECONDS = 0.3
_SAY_SECONDS = 5
_LONGEST_SECONDS = 240
_READS = 15


class DemoFailed(Exception):
    """The road was not gone to its end; the text says where it stopped."""


@dataclass(frozen=True)
class Reading:
    """One view as it was read: `size` in bytes as sent, `seconds` the median of several reads."""

    view: str
    artifact: str
    state: str
    size: int
    seconds: float


def demo(data: Path, workers: int) -> int:
    """Run it; 0 if every artifact was served."""
    with interrupted_by_sigterm():
        try:
            with Stack(data, 0, workers, say=_say) as stack:
                job = run_search(stack)
                readings = [_read(stack, job["job_id"], view) for view in VIEWS]
                searched = _searched(stack, job["job_id"])
                _say(f"re-parsing the {searched / 1e6:.1f} MB of results once, to compare")
                reparse = _seconds_to_reparse(stack, job["job_id"])
        except KeyboardInterrupt:
            _say("interrupted; nothing is left running")
            return 130
        except (ProcessFailed, DemoFailed, requests.RequestException) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    _say("everything is ended, the data are kept\n")
    print(_table(readings, reparse))
    print(_how_to_open(data, job["job_id"]), flush=True)
    return int(any(reading.state != "ready" for reading in readings))


def run_search(stack: Stack) -> dict[str, Any]:
    """Submit the sample search and follow it until nothing of it is under way; the job as served."""
    body = sample.request()
    real = shutil.which(body["program"])
    _say(f"searching: {body['title']} ({real or 'no BLAST+ on the PATH: its recorded output'})")
    began = time.monotonic()
    answer = _ask("POST", f"{stack.address}/api/blast/jobs", json=body)
    if answer.status_code != 202:
        raise DemoFailed(f"POST jobs answered {answer.status_code}: {answer.text}")
    address = f"{stack.address}/api/blast/jobs/{answer.json()['job_id']}"
    said, said_at, passed = "", 0.0, 0.0
    while passed < _LONGEST_SECONDS:
        stack.watch()
        job: dict[str, Any] = _ask("GET", address).json()
        passed = time.monotonic() - began
        if (progress := _progress(job)) != said or passed - said_at > _SAY_SECONDS:
            said, said_at = progress, passed
            _say(f"{passed:6.1f} s  {said}")
        if job["status"] in ("failed", "cancelled"):
            raise DemoFailed(f"the search has {job['status']}: {job['error']}; see {stack.logs}")
        if job["status"] == "completed" and not _unsettled(job):
            return job
        time.sleep(_POLL_SECONDS)
    raise DemoFailed(f"not done after {_LONGEST_SECONDS} s ({said}); see {stack.logs}")


def _progress(job: dict[str, Any]) -> str:
    states = [artifact["state"] for artifact in job["artifacts"].values()]
    if job["status"] == "completed":
        return f"completed; {states.count('ready')} of {len(states)} artifacts ready"
    return f"{job['status']}{': ' + job['phase'] if job['phase'] else ''}"


def _unsettled(job: dict[str, Any]) -> bool:
    return any(artifact["state"] in ("missing", "pending") for artifact in job["artifacts"].values())


def _read(stack: Stack, job_id: str, view: str) -> Reading:
    """Read a view several times over one connection, gzip as it is stored."""
    address = f"{stack.address}/api/blast/jobs/{job_id}/{view}"
    seconds, size, state = [], 0, ""
    with requests.Session() as session:
        for _ in range(_READS):
            began = time.perf_counter()
            headers = {"X-Local-User": USER, "Accept-Encoding": "gzip"}
            with session.get(address, headers=headers, stream=True, timeout=30) as answer:
                size = len(answer.raw.read(decode_content=False))
            seconds.append(time.perf_counter() - began)
            state = answer.headers.get("X-Artifact-State", f"HTTP {answer.status_code}")
    return Reading(view, VIEWS[view], state, size, statistics.median(seconds))


def _searched(stack: Stack, job_id: str) -> int:
    """How many bytes of results there are, inflated."""
    manifest = _ask("GET", f"{stack.address}/api/blast/jobs/{job_id}/results").json()
    return int(manifest["sources"]["bytes"])


def _seconds_to_reparse(stack: Stack, job_id: str) -> float:
    command = [sys.executable, "-m", "local.reparse", job_id]
    done = subprocess.run(
        command, cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise DemoFailed("the results could not be parsed again")
    return float(done.stdout)


def _ask(method: str, address: str, **options: Any) -> requests.Response:
    return requests.request(method, address, headers={"X-Local-User": USER}, timeout=30, **options)


def _table(readings: Sequence[Reading], reparse: float) -> str:
    """One line a view. Steps come from events, not from results: there is nothing to parse again."""
    lines = [("artifact", "state", "bytes", "read", "re-parse instead")]
    for each in readings:
        instead = f"{reparse * 1000:,.0f} ms" if each.view.startswith("results") else "-"
        lines.append((each.artifact, each.state, f"{each.size:,}", f"{each.seconds * 1000:.1f} ms", instead))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _how_to_open(data: Path, job_id: str) -> str:
    return (
        f"\nbytes: as sent, gzip. read: over HTTP, median of {_READS}. re-parse: the result files read from\n"
        "storage again and grouped, in process; one pass makes all views, and their own share is small.\n\n"
        f"To open it again: python3 -m local up --data {data}\n"
        f"then, in a browser, as the user {USER}: http://127.0.0.1:7071/jobs/{job_id}\n"
        f'or: curl -H "X-Local-User: {USER}" http://127.0.0.1:7071/api/blast/jobs/{job_id}'
    )


def _say(text: str) -> None:
    print(text, flush=True)
