"""Storage faults: a proxy before the emulator that refuses, cuts, delays and repeats what passes through.

It frames HTTP and hands the bytes on as they came, so that signatures hold. Which request meets which fault
follows from the seed and the order in which requests arrive.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Self, TypeVar
from urllib.parse import unquote, urlsplit

import h11

from shared.connections import Connection, emulator_connection_string

_SERVICES = ("blob", "queue", "table")
_BLOCK = 64 * 1024
# Azurite closes a connection that has been idle for five seconds.
_IDLE_SECONDS = 2.0
_BUSY = b"HTTP/1.1 503 Server Busy\r\nx-ms-error-code: ServerBusy\r\nContent-Length: 0\r\n\r\n"
_STOP_SECONDS = 10


class Fault(StrEnum):
    """What becomes of a request.

    `refuse`: it is answered 503, as by an account over its limits. `cut_before`: the connection breaks before
    storage has it. `cut_after`: storage carries it out, and the reply is lost. `delay`: the reply comes late.
    `twice`: a message is put on its queue twice; other requests pass.
    """

    REFUSE = "refuse"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    DELAY = "delay"
    TWICE = "twice"


@dataclass(frozen=True)
class Faults:
    """How many requests meet each fault, as shares from 0 to 1 that add up to 1 at most.

    `among` are beginnings of the operations that count (`operation_of`), all where there is none;
    `longest_delay` is in seconds.
    """

    shares: Mapping[Fault, float] = field(default_factory=dict)
    among: tuple[str, ...] = ("",)
    seed: int = 0
    longest_delay: float = 1.0


def operation_of(service: str, method: str, target: str) -> str:
    """What a request does, as `table read`, `queue send`, `blob write`."""
    path, _, query = unquote(target).partition("?")
    names = path.strip("/").split("/")[1:]
    if service == "table":
        if names[0] in _WHOLE:
            return _WHOLE[names[0]]
        return "table query" if path.endswith("()") else f"table {_TABLE.get(method, 'write')}"
    if service == "queue":
        is_message = len(names) > 1 and names[1] == "messages"
        return f"queue {_MESSAGE.get(method, 'other') if is_message else 'other'}"
    if method == "GET" and "comp=list" in query.split("&"):
        return "blob list"
    return f"blob {_BLOB.get(method, 'write')}"


_WHOLE = {"$batch": "table transaction", "Tables": "table other"}
_TABLE = {"GET": "read", "DELETE": "delete"}
_MESSAGE = {"POST": "send", "GET": "receive", "DELETE": "delete", "PUT": "renew"}
_BLOB = {"GET": "read", "HEAD": "head", "DELETE": "delete"}


class FaultProxy:
    """Three ports before the emulator's three, in a thread of its own; a context manager.

    `operations` counts the requests that came by what they do, `injected` the faults that they met. `faults`
    may be changed at any time. While `is_cut`, or while the emulator is down, every connection breaks.
    """

    def __init__(self, connection_string: str, faults: Faults | None = None) -> None:
        parts = Connection(connection_string).parts
        self._behind = {name: urlsplit(parts[f"{name.capitalize()}Endpoint"]) for name in _SERVICES}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self.faults = faults or Faults()
        self.operations: Counter[str] = Counter()
        self.injected: Counter[Fault] = Counter()
        self.connection_string = ""
        self.is_cut = False

    @property
    def faults(self) -> Faults:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults, self._random = faults, random.Random(faults.seed)  # noqa: S311 - guards nothing

    def start(self) -> None:
        """Return once all three ports are open."""
        self._thread.start()
        ports = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        self.connection_string = emulator_connection_string(*ports)

    def stop(self) -> None:
        """Break what is under way, and close the ports."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_STOP_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def draw(self, operation: str) -> Fault | None:
        """The fault that the next request meets."""
        if not operation.startswith(self.faults.among):
            return None
        number = self._random.random()
        for fault, share in self.faults.shares.items():
            number -= share
            if number < 0:
                return None if fault is Fault.TWICE and operation != "queue send" else fault
        return None

    async def _open(self) -> list[int]:
        for name in _SERVICES:

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, service: str = name
            ) -> None:
                task = asyncio.current_task()
                assert task
                self._under_way.add(task)
                try:
                    await self._serve(service, reader, writer)
                finally:
                    self._under_way.discard(task)

            self._servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports, which end a turn later

    async def _serve(self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes over one connection until an end breaks it, or a fault does."""
        address = self._behind[service]
        behind = _Behind(str(address.hostname), int(address.port or 0))
        with suppress(OSError, h11.ProtocolError, asyncio.CancelledError):
            while request := await _message(reader, h11.Connection(h11.SERVER), h11.Request):
                if not await self._pass_on(service, request, behind, writer):
                    break
        behind.close()
        writer.transport.abort()

    async def _pass_on(
        self, service: str, request: _Message[h11.Request], behind: _Behind, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection is still of use."""
        head = request.head
        operation = operation_of(service, head.method.decode(), head.target.decode())
        self.operations[operation] += 1
        fault = self.draw(operation)
        if fault:
            self.injected[fault] += 1
        if fault is Fault.CUT_BEFORE or self.is_cut:
            return False
        if fault is Fault.TWICE:
            await behind.ask(request)
        reply = _BUSY if fault is Fault.REFUSE else await behind.ask(request)
        if fault is Fault.CUT_AFTER:
            return False
        if fault is Fault.DELAY:
            await asyncio.sleep(self._random.uniform(0, self.faults.longest_delay))
        writer.write(reply)
        await writer.drain()
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


_Head = TypeVar("_Head", h11.Request, h11.Response)


@dataclass(frozen=True)
class _Message(Generic[_Head]):
    """One HTTP message: its bytes as they came, and what its first lines say."""

    data: bytes
    head: _Head


class _Behind:
    """The emulator as one connection of a client reaches it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = 0.0

    async def ask(self, request: _Message[h11.Request]) -> bytes:
        """The whole reply; raises OSError where there is none."""
        clock = asyncio.get_running_loop()
        if self._streams is None or clock.time() - self._used > _IDLE_SECONDS:
            self.close()
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request.data)
        await writer.drain()
        # What a reply's length is depends on what was asked.
        asked = h11.Connection(h11.CLIENT)
        asked.send(h11.Request(method=request.head.method, target="/", headers=[("Host", "-")]))
        asked.send(h11.EndOfMessage())
        reply = await _message(reader, asked, h11.Response)
        if reply is None:
            raise ConnectionResetError
        self._used = clock.time()
        return reply.data

    def close(self) -> None:
        if self._streams:
            self._streams[1].transport.abort()


async def _message(
    reader: asyncio.StreamReader, parser: h11.Connection, kind: type[_Head]
) -> _Message[_Head] | None:
    """The next whole message; None where the connection ends before its first byte."""
    data = bytearray()
    head: _Head | None = None
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            block = await reader.read(_BLOCK)
            if not (block or data):
                return None
            data += block
            parser.receive_data(block)
        elif isinstance(event, kind):
            head = event
        elif isinstance(event, h11.EndOfMessage) and head:
            return _Message(bytes(data), head)
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError
