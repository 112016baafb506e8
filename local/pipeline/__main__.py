"""`python -m local.pipeline`: serve the queue of searches on this machine."""

from __future__ import annotations

import argparse
import logging
import signal
from pathlib import Path

from local.pipeline.consumer import Consumer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.pipeline", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path(".local/pipeline"), help="folder of databases and work"
    )
    parser.add_argument("--once", action="store_true", help="end when the queue is empty")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("azure").setLevel(logging.WARNING)
    consumer = Consumer(options.data.resolve())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: consumer.stop())
    consumer.run(once=options.once)


if __name__ == "__main__":
    main()
