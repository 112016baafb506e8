"""A BLAST+ process: one batch of a query, run to its end or killed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.pipeline.options import arguments

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a process ended: `exit_code` as a shell gives it, `started` and `ended` in ns since 1970."""

    exit_code: int
    errors: str
    started: int
    ended: int
    user_seconds: float
    system_seconds: float


def version(program: str) -> str | None:
    """The version of BLAST+ on the PATH, or None where that program is not there."""
    executable = shutil.which(program)
    if executable is None:
        return None
    answer = subprocess.run([executable, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r"\d+\.\d+\.\d+\+?", answer.stdout)
    return match[0] if match else "unknown version"


def command(program: str, database: str, query: str, output: str, options: Mapping[str, Any]) -> list[str]:
    threads = str(os.cpu_count() or 1)
    files = ["-db", database, "-query", query, "-out", output, "-num_threads", threads]
    return [program, *files, *arguments(options)]


def run(words: list[str], folder: Path, errors: Path, check: Callable[[], None]) -> Outcome:
    """Run BLAST+ in `folder`, its standard error into `errors`.

    `check` is called several times a second; if it raises, the process is killed and the error passed on.
    """
    started, before = time.time_ns(), os.times()
    with errors.open("wb") as stderr:
        process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            while True:
                check()
                try:
                    process.wait(POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    after = os.times()
    exit_code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Outcome(
        exit_code=exit_code,
        errors=errors.read_text("utf-8", "replace"),
        started=started,
        ended=time.time_ns(),
        user_seconds=after.children_user - before.children_user,
        system_seconds=after.children_system - before.children_system,
    )
