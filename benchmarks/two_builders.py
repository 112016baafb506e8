"""Two build processes beside one: python -m benchmarks.two_builders [HSPS [ROUNDS]].

Makes a search of 1.5 million made-up HSPs (or so many) in 20 parts and has the parts built by one process,
then by two, each on one core and with one thread of Polars: from files on local disk, and as a fanned-out
job through the storage emulator, messages and all. Prints one JSON object: the seconds from when the
processes are ready until no part is left, best of three rounds (or so many), and how many times as fast two
are; the seconds of the merge beside it. Each measurement is told on stderr as it comes.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import measured
from benchmarks.questions import FILES, SPEC, write_search

HSPS = 1_500_000
PARTS = 20
ROUNDS = 3
BARS = {"local": 1.7, "azurite": 1.4}
READY = "ready"


def build_local(folder: Path, numbers: Sequence[int]) -> None:
    """Build these parts of the search in a folder, in this process."""
    from blast_artifacts.files import find_sources
    from blast_artifacts.views.build import Job, build_part, plan_build

    job = Job("benchmark")
    plan = plan_build(job, find_sources(folder, alone=True))
    assert len(plan.parts) == PARTS, len(plan.parts)
    wait_for_start()
    with tempfile.TemporaryDirectory() as place:
        for number in numbers:
            build_part(job, plan, number, Path(place), plan.formats(job))


def build_messages() -> None:
    """Take part messages off the queue until there is none, as the host does."""
    from blast_artifacts.lifecycle import finalizer
    from blast_artifacts.lifecycle.messages import WORK, BuildPart
    from shared.settings import settings
    from shared.storage import queue

    waiting = queue(settings().artifacts_queue)
    wait_for_start()
    while message := waiting.receive_message(visibility_timeout=600):
        text = base64.b64decode(message.content)
        if not isinstance(WORK.validate_json(text), BuildPart):
            return
        assert finalizer.take_in(text) == "built"
        waiting.delete_message(message)


def wait_for_start() -> None:
    print(READY, flush=True)
    sys.stdin.readline()


def processes(
    works: Sequence[Sequence[str]], variables: Mapping[str, str], until: Callable[[], None] | None = None
) -> float:
    """Seconds that processes with that work take, each on a core of its own as far as there are any."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    started = []
    for number, work in enumerate(works):
        core = str(cores[number % len(cores)]) if cores else ""
        environment = {**os.environ, **variables, "POLARS_MAX_THREADS": "1", "CORE": core}
        command = measured.module("benchmarks.two_builders", *work)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, env=environment, text=True, **pipes))  # type: ignore[call-overload]
    for process in started:
        assert process.stdout.readline().strip() == READY
    began = time.perf_counter()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    codes = [process.wait() for process in started]
    assert not any(codes), codes
    taken = time.perf_counter() - began
    for process in started:
        process.stdin.close()
        process.stdout.close()
    return taken


def measure_local(folder: Path, variables: Mapping[str, str], count: int) -> float:
    shares = [[str(number) for number in range(PARTS)][first::count] for first in range(count)]
    return processes([["local", str(folder), *share] for share in shares], variables)


def measure_azurite(folder: Path, variables: Mapping[str, str], count: int) -> tuple[float, float]:
    """Seconds of the parts, and of their merge, of a job of its own."""
    from blast_artifacts.lifecycle import finalizer, jobs, terminal
    from blast_artifacts.lifecycle.messages import TerminalEvent
    from blast_artifacts.terms import JobStatus
    from shared import clock
    from shared.settings import settings
    from shared.storage import container, queue

    job_id, now = str(uuid.uuid4()), clock.to_text(clock.now())
    prefix = f"{settings().results_container}/{job_id}/1/"
    job = jobs.Job(job_id, "local.bench", JobStatus.RUNNING, 1, "blastn", "db", prefix, now, now)
    jobs.create(job)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = f"{job_id}/1/{file.relative_to(folder).as_posix()}"
        container(settings().results_container).upload_blob(name, file.read_bytes())
    event = {"kind": "terminal", "job": job_id, "run": 1, "status": "completed", "at": now}
    ended = terminal.end(TerminalEvent.model_validate(event))
    waiting = queue(settings().artifacts_queue)
    waiting.clear_messages()
    assert ended is not None
    assert finalizer.finalize(ended) == "fanned_out"
    taken = processes([["messages"]] * count, variables)
    waiting.clear_messages()
    began = time.perf_counter()
    from blast_artifacts.lifecycle import sentinel

    standing = sentinel.find(job_id)
    assert standing is not None
    merge = {"job": job_id, "run": 1, "build": standing.build, "merge": True}
    assert finalizer.take_in(json.dumps(merge)) == "published"
    return taken, time.perf_counter() - began


def leave_search(folder: Path, hsps: int) -> None:
    """The files, and the pipeline's word of what columns they have."""
    write_search(folder, hsps)
    (folder / "metadata").mkdir()
    config = {"blast": {"program": "blastn", "db": "db", "options": f"-outfmt '{SPEC}'"}}
    (folder / "metadata" / "elastic-blast-config.json").write_text(json.dumps(config))
    (folder / "metadata" / "SUCCESS.txt").touch()


def figures(name: str, seconds: Mapping[int, Sequence[float]]) -> dict[str, object]:
    one, two = min(seconds[1]), min(seconds[2])
    ratio = round(one / two, 2)
    return {
        "one_seconds": round(one, 2),
        "two_seconds": round(two, 2),
        "ratio": ratio,
        "bar": BARS[name],
        "met": ratio >= BARS[name],
    }


def main(hsps: int, rounds: int) -> int:
    from local.azurite import Azurite
    from shared import storage

    os.environ["PART_FILES"] = str(FILES // PARTS)
    taken: dict[str, dict[int, list[float]]] = {name: {1: [], 2: []} for name in BARS}
    merges = []
    with tempfile.TemporaryDirectory() as place, Azurite() as emulator:
        variables = {"AzureWebJobsStorage": emulator.connection_string, "AUTH_MODE": "local"}
        os.environ |= variables
        storage.forget()
        folder = Path(place) / "search"
        folder.mkdir()
        leave_search(folder, hsps)
        for count in (1, 2) * rounds:
            local = measure_local(folder, variables, count)
            seconds, merge = measure_azurite(folder, variables, count)
            print(f"{count}: local {local:.2f} s, azurite {seconds:.2f} s", file=sys.stderr, flush=True)
            taken["local"][count].append(local)
            taken["azurite"][count].append(seconds)
            merges.append(merge)
    builders = {name: figures(name, seconds) for name, seconds in taken.items()}
    measured.say({"hsps": hsps, "parts": PARTS, **builders, "merge_seconds": round(min(merges), 2)})
    return 0


if __name__ == "__main__":
    if core := os.environ.get("CORE"):
        os.sched_setaffinity(0, {int(core)})
    if sys.argv[1:2] == ["local"]:
        build_local(Path(sys.argv[2]), [int(number) for number in sys.argv[3:]])
    elif sys.argv[1:2] == ["messages"]:
        build_messages()
    else:
        given = [int(word) for word in sys.argv[1:]]
        sys.exit(main(*given, *(HSPS, ROUNDS)[len(given) :]))
