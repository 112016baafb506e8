"""The one place that knows Microsoft's worker library, azure-functions-runtime 1.3.

The library is driven in this process, without protobuf: initialization by objects of the shapes that it reads
and builds, calls through its native road. That road is not documented, so `check_contract` refuses to start
where a name or a signature has moved.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_LIBRARY = "azure_functions_runtime"
_CALL = ("invocation_id", "function_id", "inputs", "trigger_metadata")


class WorkerError(Exception):
    """The library is not the one this adapter was written for, or the app cannot be indexed."""


@dataclass(frozen=True)
class Function:
    """One indexed function; `bindings` as the decorators describe them, the trigger among them."""

    name: str
    id: str
    bindings: tuple[Mapping[str, Any], ...]

    @property
    def trigger(self) -> Mapping[str, Any]:
        return next(binding for binding in self.bindings if binding["type"].endswith("Trigger"))


@dataclass(frozen=True)
class Json:
    """A value that reaches the function as JSON rather than as a string."""

    text: str


@dataclass(frozen=True)
class HttpCall:
    """A request as a function sees it: names of headers in lower case, values already joined."""

    method: str
    url: str
    headers: Mapping[str, str]
    route: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """What an HTTP function returned; each cookie is the value of one Set-Cookie header."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Returned:
    """How a call ended: `error` is None after success; outputs as (binding name, value)."""

    error: str | None = None
    answer: HttpAnswer | None = None
    outputs: list[tuple[str, str | bytes | Json]] = field(default_factory=list)


class Worker:
    """The function app of `folder`, in this process: one app a process, as the library keeps globals."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._library, self._datum, self._call = check_contract()
        self.functions: list[Function] = []

    async def start(self) -> None:
        """Import and index the app; raises WorkerError with the app's own traceback."""
        sys.path.insert(0, str(self._folder))
        os.chdir(self._folder)
        self._library.start_threadpool_executor()
        request = _request(
            worker_init_request=SimpleNamespace(capabilities={}, function_app_directory=str(self._folder))
        )
        started = await self._library.worker_init_request(request)
        if started.result.status != _StatusResult.Success:
            raise WorkerError(f"the app cannot be indexed\n{started.result.exception.stack_trace}")
        answer = await self._library.functions_metadata_request(_request(functions_metadata_request=None))
        self.functions = [
            Function(each.name, each.function_id, tuple(json.loads(raw) for raw in each.raw_bindings))
            for each in answer.function_metadata_results or ()
        ]
        if not self.functions:
            raise WorkerError(f"{self._folder} has no function_app.py with a function in it")

    def stop(self) -> None:
        """End the threads that functions run in; waits for calls under way."""
        self._library.stop_threadpool_executor()

    async def run(
        self,
        function: Function,
        invocation_id: str,
        value: str | Json | HttpCall,
        metadata: Mapping[str, str | Json],
    ) -> Returned:
        """Call a function with its trigger's value; a plain `def` runs in the library's thread pool.

        What the function raises comes back as `error`; the library logs its traceback.
        """
        inputs = [(function.trigger["name"], self._encode(value))]
        trigger_metadata = {name: self._encode(each) for name, each in metadata.items()}
        ok, returned, outputs, error, _traceback = await self._call(
            invocation_id, function.id, inputs, trigger_metadata
        )
        if not ok:
            return Returned(error=error)
        try:
            return Returned(
                answer=_answer(returned) if function.trigger["type"] == "httpTrigger" else None,
                outputs=[(name, _decode(datum)) for name, datum in outputs],
            )
        except TypeError as failure:
            return Returned(error=str(failure))

    def _encode(self, value: str | Json | HttpCall) -> Any:
        if isinstance(value, Json):
            return self._datum(value.text, "json")
        if isinstance(value, str):
            return self._datum(value, "string")
        request = {
            "method": self._encode(value.method),
            "url": self._encode(value.url),
            "headers": {name: self._encode(each) for name, each in value.headers.items()},
            "params": {name: self._encode(each) for name, each in value.route.items()},
            "query": {name: self._encode(each) for name, each in value.query.items()},
            "body": self._datum(value.body, "bytes"),
        }
        return self._datum(request, "http")


def check_contract() -> tuple[Any, Any, Any]:
    """The library, its value type and its call; raises WorkerError where they are not as expected."""
    try:
        library = importlib.import_module(_LIBRARY)
        datum = importlib.import_module(f"{_LIBRARY}.bindings.datumdef").Datum
        call = importlib.import_module(f"{_LIBRARY}.native_invocation").invocation_request_native
        release = version("azure-functions-runtime")
        parameters = list(inspect.signature(call).parameters.values())
        value_type = tuple(inspect.signature(datum).parameters)
    except (ImportError, AttributeError) as error:
        raise WorkerError(f"azure-functions-runtime 1.3 is needed: {error}") from error
    moved = (
        not release.startswith("1.3.")
        or not inspect.iscoroutinefunction(call)
        or tuple(each.name for each in parameters[: len(_CALL)]) != _CALL
        or any(each.default is each.empty for each in parameters[len(_CALL) :])
        or value_type != ("value", "type")
    )
    if moved:
        raise WorkerError(
            f"azure-functions-runtime {release} has moved: {call.__name__}{inspect.signature(call)}, "
            f"{datum.__name__}{value_type}; local/host/worker.py was written for 1.3"
        )
    return library, datum, call


def _answer(datum: Any) -> HttpAnswer:
    if datum is None or datum.type != "http":
        # The real host parses a bare string that holds JSON and writes it anew.
        raise TypeError("an HTTP function must return an HttpResponse; the host may rewrite anything else")
    value = datum.value
    cookies = (morsel for cookie in value["cookies"] or () for morsel in cookie.values())
    return HttpAnswer(
        status=int(value["status_code"].value),
        headers={name: each.value for name, each in value["headers"].items()},
        cookies=tuple(morsel.OutputString() for morsel in cookies),
        body=value["body"].value,
    )


def _decode(datum: Any) -> str | bytes | Json:
    if datum.type == "json":
        return Json(datum.value)
    if datum.type in ("string", "bytes"):
        value: str | bytes = datum.value
        return value
    raise TypeError(f"an output of the type {datum.type} is left out")


def _request(**verb: Any) -> SimpleNamespace:
    return SimpleNamespace(
        request=SimpleNamespace(**verb), properties={"protos": _Messages(), "host": "127.0.0.1"}
    )


class _StatusResult(SimpleNamespace):
    Failure = 0
    Success = 1


class _BindingInfo(SimpleNamespace):
    undefined = 0
    out = 1
    inout = 2


class _Messages:
    """Stands for the generated protobuf module: every other message is just its fields."""

    StatusResult = _StatusResult
    BindingInfo = _BindingInfo

    def __getattr__(self, _name: str) -> type[SimpleNamespace]:
        return SimpleNamespace
