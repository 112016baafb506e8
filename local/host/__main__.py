"""Run a function app on this machine: python -m local.host --app DIR --role ROLE --port N."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from local.host.config import ConfigError, Cors, load_local_settings, read_host_settings
from local.host.page import WithPage
from local.host.roles import ROLES, Host
from local.host.web import Keys
from local.host.worker import WorkerError

log = logging.getLogger("host")

_GRACE_SECONDS = 1.0
_LEFT_OUT = """\
Each role serves /admin. http: HTTP triggers. build: triggers on the queue that the setting ARTIFACTS_QUEUE
names. events: all other queue triggers, and timers. all: everything.

Left out, against the real host: scaling, and the leases that keep a timer single among machines; dynamic
concurrency; bindings other than httpTrigger, queueTrigger, timerTrigger and queue outputs; retry decorators;
http throttles; key storage (keys come from LOCAL_HOST_MASTER_KEY and LOCAL_HOST_FUNCTION_KEY, made at random
where they are not set); the admin calls drain, resume, restart, synctriggers and warmup, and starting an HTTP
function by hand; sniffing of a bare string that an HTTP function returns (an error here); ConnectionStrings
in local.settings.json. After functionTimeout this process ends with 1; whoever started it may start it
again. Schedules are in UTC. What a process that died had in hand comes back after LOCAL_HOST_LOCK_SECONDS
(600).
"""


class _Server(uvicorn.Server):
    """Says where it listens, and leaves signals alone."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            print(f"listening http://127.0.0.1:{each.getsockname()[1]}", flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(host: Host, keys: Keys, cors: Cors, page: Path | None, port: int) -> None:
    """Serve until a signal, or until a part of the host fails."""
    stopped = _stop_signal()
    functions = await host.start(keys)
    web = functions if page is None else WithPage(functions, page)
    with _listen(port) as listening:
        server = _Server(_server_config(web, cors))
        listeners = host.listeners()
        tasks = [asyncio.create_task(listener.run()) for listener in listeners]
        tasks.append(asyncio.create_task(server.serve(sockets=[listening])))
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        server.should_exit = True
        for listener in listeners:
            listener.stop()
        ended, left = await asyncio.wait([*tasks, *functions.by_hand], timeout=_GRACE_SECONDS)
    for task in ended:
        task.result()
    if left or host.calls.under_way:
        # Threads of functions cannot be ended; what they had under way comes back, as in Azure.
        log.warning("stopped with %d calls under way", host.calls.under_way)
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    host.stop()


def _server_config(app: ASGIApp, cors: Cors) -> uvicorn.Config:
    if cors.origins:
        app = CORSMiddleware(
            app, cors.origins, allow_methods=["*"], allow_headers=["*"], allow_credentials=cors.credentials
        )
    return uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=130,
        timeout_graceful_shutdown=int(_GRACE_SECONDS),
    )


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle off; otherwise each answer waits 40 ms for a delayed ACK.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.close()
        raise
    return listening


def _stop_signal() -> asyncio.Task[bool]:
    """A task that ends with SIGTERM or Ctrl-C."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return asyncio.create_task(stop.wait())


def _keys() -> Keys:
    keys = {}
    for kind in ("master", "function"):
        name = f"LOCAL_HOST_{kind.upper()}_KEY"
        keys[kind] = os.environ.get(name) or secrets.token_urlsafe(24)
        if not os.environ.get(name):
            log.info("%s is not set; the %s key of this run is %s", name, kind, keys[kind])
    return Keys(**keys)


class _WithInvocation(logging.Filter):
    """Gives each record the id of the invocation whose thread or task it comes from."""

    def filter(self, record: logging.LogRecord) -> bool:
        from azure_functions_runtime import invocation_id_cv

        record.invocation = invocation_id_cv.get() or "-"
        return True


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(invocation)s] %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(_WithInvocation())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Four lines for each request to storage, and the library's own account of its indexing.
    for name in ("azure.core.pipeline.policies.http_logging_policy", "azure.functions", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m local.host",
        description="Runs a function app on this machine, with the rules of the Azure Functions host.",
        epilog=_LEFT_OUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--app", type=Path, default=Path(), help="folder of function_app.py and host.json")
    parser.add_argument("--role", choices=ROLES, default="all", help="which triggers this process serves")
    parser.add_argument("--page", type=Path, help="folder of the built page, served beside the functions")
    parser.add_argument("--port", type=int, default=7071, help="port on 127.0.0.1; 0 for any free one")
    arguments = parser.parse_args()
    _log_to_stderr()
    folder = arguments.app.resolve()
    try:
        cors = load_local_settings(folder, os.environ)
        settings = read_host_settings(folder, os.environ)
        logging.getLogger().setLevel(settings.log_level)
        host = Host(folder, arguments.role, settings)
        asyncio.run(_serve(host, _keys(), cors, arguments.page, arguments.port))
    except (ConfigError, WorkerError, OSError) as error:
        log.critical("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
