from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from local.host.worker import WorkerError, check_contract
from tests.local.host.running import running_host

HOST_JSON = '{"version": "2.0"}'
HEAD = "import azure.functions as func\n\napp = func.FunctionApp()\n"


def test_the_library_is_the_one_that_the_adapter_was_written_for() -> None:
    library, datum, call = check_contract()
    assert datum("text", "string").python_value == "text"
    assert callable(call)
    for name in ("start_threadpool_executor", "stop_threadpool_executor", "invocation_id_cv"):
        assert hasattr(library, name)


async def renamed(invocation_id: str, function: str, inputs: Any, trigger_metadata: Any) -> None: ...


async def needs_more(
    invocation_id: str, function_id: str, inputs: Any, trigger_metadata: Any, trace: Any
) -> None: ...


def no_coroutine(invocation_id: str, function_id: str, inputs: Any, trigger_metadata: Any) -> None: ...


@pytest.mark.parametrize("moved", [renamed, needs_more, no_coroutine])
def test_a_signature_that_moved_is_said_at_once(monkeypatch: pytest.MonkeyPatch, moved: Any) -> None:
    module = importlib.import_module("azure_functions_runtime.native_invocation")
    monkeypatch.setattr(module, "invocation_request_native", moved)
    with pytest.raises(WorkerError, match="has moved"):
        check_contract()


def test_a_library_without_the_call_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("azure_functions_runtime.native_invocation")
    monkeypatch.delattr(module, "invocation_request_native")
    with pytest.raises(WorkerError, match=r"1\.3 is needed"):
        check_contract()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"host.json": HOST_JSON, "function_app.py": "import nosuchmodule\n"}, "nosuchmodule"),
        ({"host.json": HOST_JSON, "function_app.py": HEAD}, "no function_app.py with a function"),
        ({"function_app.py": HEAD}, "host.json does not exist"),
    ],
)
def test_an_app_that_cannot_be_indexed_ends_the_host_with_its_reason(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with running_host(tmp_path, tmp_path / "log") as host:
        assert host.process.wait(timeout=60) == 1
        assert host.address == ""
        assert reason in host.log
