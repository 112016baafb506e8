"""One queue of plans, parts and merges, and instances that come and go as Flex Consumption scales them."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import spread
from benchmarks.load import Costs, Load, Platform, Task, tasks

HOUR = 3600.0


def simulate(
    load: Load, costs: Costs, platform: Platform, hours: float = 1.0, seed: int = 1
) -> dict[str, Any]:
    """Jobs that come at random for so long, one queue in order of time, instances as the plan scales them."""
    return _Simulation(load, costs, platform, seed).run(hours)


class _Simulation:
    def __init__(self, load: Load, costs: Costs, platform: Platform, seed: int) -> None:
        self._load, self._costs, self._platform = load, costs, platform
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._queue: deque[Task] = deque()
        self._events: list[tuple[float, int, str, Any]] = []
        self._count = 0
        self._busy = self._idle = self._starting = 0
        self._came: list[float] = []
        self._left: dict[int, int] = {}
        self._ready: list[float] = []
        self._instances: list[int] = []
        self._longest = 0

    def run(self, hours: float) -> dict[str, Any]:
        for moment in self._arrivals(hours):
            self._at(moment, "job", None)
        self._at(0.0, "look", None)
        busy_seconds = now = 0.0
        while self._events:
            now, _, kind, about = heapq.heappop(self._events)
            if kind == "job":
                self._take_in(now)
            elif kind == "look":
                self._scale(now)
            elif kind == "started":
                self._starting -= 1
                self._idle += 1
            else:
                busy_seconds += about.seconds
                self._end(about, now)
            self._begin(now)
        return {
            "jobs": len(self._came),
            "finished": len(self._ready),
            "messages": len(self._came) * (self._load.parts + 2),
            "seconds_to_ready": spread(self._ready),
            "instances": {"mean": round(busy_seconds / now, 1), "most": max(self._instances)},
            "longest_queue": self._longest,
            "minutes_behind_the_last_job": round((now - self._came[-1]) / 60, 1),
        }

    def _arrivals(self, hours: float) -> Iterator[float]:
        moment = 0.0
        while (moment := moment + self._chance.expovariate(self._load.jobs / HOUR)) < hours * HOUR:
            yield moment

    def _at(self, moment: float, kind: str, about: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, kind, about))

    def _take_in(self, now: float) -> None:
        self._came.append(now)
        plan, _, _ = self._tasks(len(self._came) - 1)
        self._queue.append(plan)

    def _tasks(self, job: int) -> tuple[Task, list[Task], Task]:
        return tasks(job, self._load, self._costs, self._platform)

    def _begin(self, now: float) -> None:
        self._longest = max(self._longest, len(self._queue))
        while self._queue and self._idle:
            task = self._queue.popleft()
            self._idle, self._busy = self._idle - 1, self._busy + 1
            self._at(now + task.seconds, "ended", task)

    def _end(self, task: Task, now: float) -> None:
        self._busy, self._idle = self._busy - 1, self._idle + 1
        _, parts, merge = self._tasks(task.job)
        if task.kind == "plan":
            self._left[task.job] = len(parts)
            self._queue.extend(parts)
        elif task.kind == "part":
            self._left[task.job] -= 1
            if not self._left[task.job]:
                self._queue.append(merge)
        else:
            self._ready.append(now - self._came[task.job])

    def _scale(self, now: float) -> None:
        """One message an instance is the target; a few instances are added at a time, idle ones go."""
        there = self._busy + self._idle + self._starting
        wanted = min(self._platform.instances, len(self._queue) + self._busy)
        for _ in range(min(self._platform.grow_by, wanted - there)):
            self._starting += 1
            self._at(now + self._platform.start_seconds, "started", None)
        self._idle -= min(self._idle, max(0, there - wanted))
        self._instances.append(self._busy + self._idle + self._starting)
        if self._events or self._queue or self._busy:
            self._at(now + self._platform.look_seconds, "look", None)
