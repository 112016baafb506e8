"""The command `up`: the app on this machine until it is told to end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import requests

from local.processes import ProcessFailed
from local.setup import PAGE
from local.stack import Stack, interrupted_by_sigterm

_LOOK_SECONDS = 0.5


def up(data: Path, port: int, workers: int, pipeline: bool = True) -> int:
    """Serve until SIGTERM or Ctrl-C (status 0), or until a part of the stack is beyond help (1).

    Without our `pipeline` it says where another finds the queues.
    """
    with interrupted_by_sigterm():
        try:
            with Stack(data, port, workers, page=PAGE, say=_say, pipeline=pipeline) as stack:
                _say(f"data and logs are in {data}")
                if not pipeline:
                    # Asked for its health, the app makes the queues and containers that another needs.
                    requests.get(f"{stack.address}/api/health", timeout=60)
                    _say(f"storage {stack.environment['AzureWebJobsStorage']}")
                _say(f"ready {stack.address}")
                while True:
                    time.sleep(_LOOK_SECONDS)
                    stack.watch()
        except KeyboardInterrupt:
            _say("ended")
            return 0
        except ProcessFailed as error:
            print(f"error: {error}", file=sys.stderr)
            return 1


def _say(text: str) -> None:
    print(text, flush=True)
