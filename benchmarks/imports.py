"""How long the app takes to load: python -m benchmarks.imports.

Imports `function_app` in a new process, ten times, beside a process that imports nothing. Prints one JSON
object: seconds by the clock and of CPU, the best and the worst, and what heavy libraries came with it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from benchmarks import measured

ROUNDS = 10
BAR_SECONDS = 2
HEAVY = ("polars", "azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.identity")


def seconds(code: str) -> dict[str, Any]:
    """Of ten processes that run this."""
    taken, costs = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        costs.append(measured.run([sys.executable, "-c", code]).cpu)
        taken.append(time.perf_counter() - began)
    return {"best": round(min(taken), 2), "worst": round(max(taken), 2), "cpu": min(costs)}


def main() -> None:
    code = f"import function_app, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=measured.ROOT, check=True, capture_output=True, text=True
    )
    measured.say(
        {
            "bar_seconds": BAR_SECONDS,
            "function_app": seconds("import function_app"),
            "nothing": seconds("pass"),
            "heavy_libraries": loaded.stdout.strip(),
        }
    )


if __name__ == "__main__":
    main()
