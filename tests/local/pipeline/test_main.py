from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.pipeline import sample
from shared.settings import settings
from tests.local.pipeline.queues import events, needs_blast, submit, waiting

pytestmark = pytest.mark.usefixtures("account")


@needs_blast
def test_sigterm_ends_the_process_and_its_blast_at_once(tmp_path: Path) -> None:
    # A space in the path, because BLAST+ splits its arguments there.
    data = tmp_path / "my data"
    submit("5f0c1d2e-0002", sample.query(), options=dict(sample.OPTIONS))
    environment = os.environ | {"SUBMIT_QUEUE": settings().submit_queue}
    command = [sys.executable, "-m", "local.pipeline", "--data", str(data)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while not list(data.glob("search-*/batch_000.out")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert list(data.glob("search-*")) == []
    assert "terminal" not in {event["kind"] for event in events()}
    assert waiting() == 1
