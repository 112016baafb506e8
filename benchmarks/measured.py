"""What every benchmark needs: a command measured by the kernel, and the machine that it ran on."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_LIBRARIES = ("polars", "isal", "ijson", "orjson")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, seconds of CPU in all threads, and the most memory a process held, in MB."""

    wall: float
    cpu: float
    peak_mb: float


def run(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of one command, which must succeed; what it prints goes nowhere.

    A process begins with the peak of the one that started it, so nothing here may load much.
    """
    began = time.perf_counter()
    child = subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(words))
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(round(wall, 2), round(cpu, 2), round(usage.ru_maxrss / 1024))


def module(*words: str) -> list[str]:
    """The command that runs a module of this project."""
    return [sys.executable, "-m", *words]


def best(costs: Sequence[Cost]) -> Cost:
    """The least of each figure, but the most memory: others share the machine."""
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.cpu for cost in costs),
        max(cost.peak_mb for cost in costs),
    )


def ratios(yardstick: Cost, measured: Cost) -> dict[str, float]:
    """How fast something is, the yardstick being 1: by the clock, and by the CPU time that it took."""
    return {
        "wall": round(yardstick.wall / measured.wall, 3),
        "cpu": round(yardstick.cpu / measured.cpu, 3),
    }


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def figures(cost: Cost, text_bytes: int) -> dict[str, float]:
    """A cost, and the MB of decompressed text a second by the clock."""
    return {**asdict(cost), "mb_s": round(text_bytes / 1e6 / cost.wall, 1)}


def say(result: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    print(json.dumps({**result, "machine": machine()}, indent=1))
