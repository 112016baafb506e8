"""What a job costs, what the platform gives, and what one job of a load comes to by both."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import settings

_PAGE_OF_BLOBS, _TRANSACTION = 5000, 100


@dataclass(frozen=True)
class Costs:
    """What this machine measured: CPU seconds a job, a file and a MB, storage operations a job and a file."""

    cpu_job: float
    cpu_file: float
    cpu_mb: float
    job: Mapping[str, float]
    file: Mapping[str, float]


@dataclass(frozen=True)
class Load:
    """Jobs an hour, and what each is: files, MB of one file inflated and stored, minutes of its search."""

    jobs: float = 1000
    files: int = 5000
    mb: float = 1.0
    stored_mb: float = 0.2
    search_minutes: float = 60

    @property
    def parts(self) -> int:
        return math.ceil(self.files / settings().part_files)


@dataclass(frozen=True)
class Platform:
    """Published limits, and assumptions where nothing is published (docs/scaling.md tells which is which)."""

    instances: int = 40
    account_requests: float = 20_000
    account_egress_gbit: float = 50
    queue_messages: float = 2_000
    partition_rows: float = 2_000
    latency: float = 0.01
    core: float = 0.7
    start_seconds: float = 10
    grow_by: int = 4
    look_seconds: float = 10
    merge_cpu_part: float = 0.05


MEASURED = Costs(
    cpu_job=0.224,
    cpu_file=0.0623,
    cpu_mb=0.075,
    job={
        "blob head": 1,
        "blob list": 1,
        "blob read": 4,
        "blob write": 13,
        "queue delete": 1,
        "queue receive": 1,
        "queue send": 2,
        "table read": 7,
        "table transaction": 2,
        "table write": 7,
    },
    file={"blob read": 1},
)
"""By `--measure` on two cores of a busy machine: files of 4 KB, and tabular output for the CPU of a MB."""


def operations(load: Load, costs: Costs) -> dict[str, float]:
    """Storage operations of one job, by what they do."""
    found: defaultdict[str, float] = defaultdict(float, costs.job)
    for kind, number in costs.file.items():
        found[kind] += number * load.files
    for kind, number in fan_out(load).items():
        found[kind] += number
    return dict(found)


def fan_out(load: Load) -> dict[str, int]:
    """What parts add: plan, `todo` rows, a message, three tables and a sum each, what the merge reads.

    As `benchmarks.scale` counts it.
    """
    parts = load.parts
    if parts == 1:
        return {}
    return {
        "blob list": math.ceil(load.files / _PAGE_OF_BLOBS) - 1,
        "blob write": 4 * parts - 1,
        "blob read": 4 * parts + 10,
        "table transaction": math.ceil(parts / _TRANSACTION) + parts + 1,
        "table query": parts + 4,
        "table read": 2 * parts + 2,
        "table write": parts + 3,
        "queue send": parts + 1,
        "queue receive": parts + 1,
        "queue delete": parts + 1,
    }


@dataclass(frozen=True)
class Task:
    """One message of the heavy queue: whose it is, and how long an instance is busy with it."""

    job: int
    kind: str
    seconds: float


def tasks(job: int, load: Load, costs: Costs, platform: Platform) -> tuple[Task, list[Task], Task]:
    """Plan, parts and merge of one job."""
    own = sum(costs.job.values()) / 2 * platform.latency + costs.cpu_job / 2 / platform.core
    sends = (load.parts + math.ceil(load.files / _PAGE_OF_BLOBS)) * platform.latency
    reads = sum(costs.file.values())
    parts = []
    for number in range(load.parts):
        files = min(settings().part_files, load.files - number * settings().part_files)
        cpu = files * (costs.cpu_file + load.mb * costs.cpu_mb) / platform.core
        parts.append(Task(job, "part", cpu + (files * reads + 9) * platform.latency))
    merging = load.parts * (platform.merge_cpu_part / platform.core + 5 * platform.latency)
    return Task(job, "plan", own + sends), parts, Task(job, "merge", own + merging)


def instance_seconds(load: Load, costs: Costs, platform: Platform) -> float:
    """How long instances are busy with one job, together."""
    plan, parts, merge = tasks(0, load, costs, platform)
    return plan.seconds + sum(part.seconds for part in parts) + merge.seconds
