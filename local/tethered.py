"""`python -m local.tethered MODULE [ARGUMENT…]`: run a module that ends when its standard input does."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_GRACE_SECONDS = 10


def main() -> None:
    del sys.argv[0]
    threading.Thread(target=_end_with_input, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_input() -> None:
    # Not through sys.stdin: a thread that waits inside its lock makes the interpreter's exit fail.
    while os.read(0, 1024):
        pass
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
