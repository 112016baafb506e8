"""What many large jobs come to on Flex Consumption: python -m benchmarks.scaling [--measure].

Takes what a job costs here (`--measure` finds it out anew), the fan-out by parts as docs/scaling.md describes
it, and the platform's published limits. Prints one JSON object: what one job takes, at how many jobs an hour
each limit is reached, and what a simulation of the queue and its instances makes of the load. Megabytes are
10^6 bytes after gunzip where nothing else is said, hours are of steady arrivals.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from benchmarks import measured
from benchmarks.load import MEASURED, Costs, Load, Platform, instance_seconds, operations
from benchmarks.simulation import HOUR, simulate
from shared.settings import Settings

_TIMER_ROWS = 500
_DEFAULTS = Settings()


@dataclass(frozen=True)
class Prices:
    """Assumed, in dollars: a GB-second and a million calls on Flex, 10,000 operations of each kind."""

    gb_second: float = 0.000026
    million_calls: float = 0.40
    operations: Mapping[str, float] = field(
        default_factory=lambda: {
            "blob write": 0.05,
            "blob list": 0.05,
            "blob": 0.004,
            "table": 0.00036,
            "queue": 0.004,
        }
    )


def due_rows(load: Load, ready_seconds: float) -> int:
    """How many due rows the timer works off for one job: its submit, its search, its build."""
    return 1 + looks(load.search_minutes * 60) + looks(ready_seconds)


def looks(seconds: float) -> int:
    """How often the timer looks at work that lasts that long."""
    number, waited = 0, 0.0
    while waited < seconds:
        waited += min(_DEFAULTS.retry_base_seconds * 2.0**number, _DEFAULTS.retry_cap_seconds)
        number += 1
    return max(1, number)


def walls(load: Load, costs: Costs, platform: Platform) -> dict[str, float]:
    """At how many jobs of that kind an hour each limit is reached, the first wall first."""
    one = operations(load, costs)
    busy = instance_seconds(load, costs, platform)
    read_gbit = load.files * load.stored_mb * 8 / 1000
    rows = due_rows(load, busy / platform.instances)
    found = {
        f"instances of the app ({platform.instances})": platform.instances * HOUR / busy,
        "instances of the region's quota (250)": 250 * HOUR / busy,
        "instances of the plan (1,000)": 1000 * HOUR / busy,
        "requests of the account": platform.account_requests * HOUR / sum(one.values()),
        "bytes out of the account": platform.account_egress_gbit * HOUR / read_gbit,
        "messages of one queue": platform.queue_messages * HOUR / (3 * (load.parts + 2)),
        "rows of the partition of due work": platform.partition_rows * HOUR / (3 * rows),
        "due rows of the timer": _TIMER_ROWS * 60 / rows,
    }
    return dict(sorted(((name, round(jobs)) for name, jobs in found.items()), key=lambda pair: pair[1]))


def moved(load: Load, costs: Costs, platform: Platform) -> dict[str, float]:
    """At how many jobs an hour the first wall stands after each change that would move it."""
    region, plan = replace(platform, instances=250), replace(platform, instances=1000)
    grouped = replace(costs, cpu_file=costs.cpu_file / 4)
    changes = {
        "as it is": (costs, platform),
        "250 instances": (costs, region),
        "a quarter of the CPU a file": (grouped, platform),
        "half of the CPU a MB": (replace(costs, cpu_mb=costs.cpu_mb / 2), platform),
        "250 instances, a quarter of the CPU a file": (grouped, region),
        "1,000 instances by a larger quota, a quarter of the CPU a file": (grouped, plan),
    }
    return {name: round(_first(load, *change)) for name, change in changes.items()}


def _first(load: Load, costs: Costs, platform: Platform) -> float:
    """The wall that a quota which can be raised does not make."""
    found = walls(load, costs, platform)
    return min(jobs for name, jobs in found.items() if "quota" not in name or platform.instances <= 250)


def cost(load: Load, costs: Costs, platform: Platform, prices: Prices) -> dict[str, float]:
    """Dollars of one job, by what they are paid for; instances have 2,048 MB."""
    found: defaultdict[str, float] = defaultdict(float)
    found["compute"] = instance_seconds(load, costs, platform) * 2 * prices.gb_second
    found["calls"] = (load.parts + 2) * prices.million_calls / 1e6
    for kind, number in operations(load, costs).items():
        service = kind.split()[0]
        found[service] += number * prices.operations.get(kind, prices.operations[service]) / 10_000
    return {name: round(value, 5) for name, value in found.items()}


def report(load: Load, costs: Costs, platform: Platform) -> dict[str, Any]:
    """All figures of one load on one platform."""
    one = operations(load, costs)
    return {
        "load": asdict(load),
        "platform": asdict(platform),
        "one_job": {
            "parts": load.parts,
            "messages": load.parts + 2,
            "operations": {kind: round(number) for kind, number in sorted(one.items())},
            "instance_seconds": round(instance_seconds(load, costs, platform)),
            "dollars": cost(load, costs, platform, Prices()),
        },
        "operations_a_second": round(sum(one.values()) * load.jobs / HOUR),
        "gbit_a_second": round(load.jobs * load.files * load.stored_mb * 8 / 1000 / HOUR, 2),
        "jobs_an_hour_at_each_limit": walls(load, costs, platform),
        "jobs_an_hour_after_a_change": moved(load, costs, platform),
        "simulated": simulate(load, costs, platform),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--measure", action="store_true", help="print what a job costs on this machine")
    parser.add_argument("--jobs", type=float, default=Load.jobs, help="jobs an hour")
    parser.add_argument("--files", type=int, default=Load.files, help="files of a job")
    parser.add_argument("--mb", type=float, default=Load.mb, help="MB of a file, inflated")
    parser.add_argument("--instances", type=int, default=Platform.instances, help="most instances")
    asked = parser.parse_args()
    if asked.measure:
        from benchmarks.costs import measure

        measured.say(measure())
        return 0
    load = replace(Load(), jobs=asked.jobs, files=asked.files, mb=asked.mb, stored_mb=asked.mb / 5)
    print(json.dumps(report(load, MEASURED, Platform(instances=asked.instances)), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
