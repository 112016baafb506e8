"""Whether processes still run, for tests that look for leftovers."""

from __future__ import annotations

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """False also for one that has ended and was not waited for by whoever has inherited it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
