"""The message schemas say what the code takes."""

from __future__ import annotations

import base64
import json
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from blast_artifacts.lifecycle import messages
from local.pipeline.messages import parse
from tests.docs.blocks import ROOT

JOB = {"job": "5f0c1111-2222", "run": 1}
AT = {"at": "2026-11-24T10:00:00Z"}
EXPORT = f"export|{'0f' * 16}"
SEARCH = {
    "program": "blastn",
    "database": "nt",
    "query": "queries/q.fa",
    "results": "results/x/1/",
    "options": {},
}
GOOD = [
    ("blast-submit", {"kind": "search", **JOB, **SEARCH}),
    ("blast-submit", {"kind": "cancel", **JOB}),
    (
        "blast-events",
        {"kind": "step", **JOB, "step": "running", "state": "started", **AT, "detail": {"n": 1}},
    ),
    ("blast-events", {"kind": "log", **JOB, "step": "running", "sequence": 3, "last": False, "lines": ["a"]}),
    ("blast-events", {"kind": "log", **JOB, "step": "running", "sequence": 0, "blob": "x/1/logs/a.out"}),
    (
        "blast-events",
        {"kind": "terminal", **JOB, "status": "failed", **AT, "error": {"code": "memory", "exit_code": 4}},
    ),
    ("blast-artifacts", JOB),
    ("blast-artifacts", {"job": "5f0c1111-2222"}),
    ("blast-artifacts", {**JOB, "export": EXPORT}),
]
BAD = [
    ("blast-submit", {**JOB, **SEARCH}),
    ("blast-events", {"kind": "step", **JOB, "step": "running", "state": "begun", **AT}),
    ("blast-events", {"kind": "step", **JOB, "step": "running", "state": "started", **AT, "id": 1}),
    ("blast-events", {"kind": "terminal", **JOB, "status": "running", **AT}),
    ("blast-events", {"kind": "log", **JOB, "step": "running", "sequence": -1, "lines": []}),
    ("blast-events", {"kind": "step", "job": "UPPER_CASE", "run": 0, "step": "", "state": "started", **AT}),
    ("blast-artifacts", {"job": "5f0c1111-2222", "owner": "me"}),
    ("blast-artifacts", {"job": "5f0c1111-2222", "export": EXPORT}),
    ("blast-artifacts", {**JOB, "export": "export|../secret"}),
    ("blast-artifacts", {}),
]


def follows_schema(queue: str, message: dict[str, Any]) -> bool:
    schema = json.loads((ROOT / "docs" / "messages" / f"{queue}.schema.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.Draft202012Validator(schema).is_valid(message)


def is_taken(queue: str, message: dict[str, Any]) -> bool:
    text = json.dumps(message)
    try:
        if queue == "blast-submit":
            parse(base64.b64encode(text.encode()).decode())
        elif queue == "blast-events":
            messages.EVENT.validate_json(text)
        else:
            messages.WORK.validate_json(text)
    except ValidationError:
        return False
    return True


def name_of(case: tuple[str, dict[str, Any]]) -> str:
    return f"{case[0]}-{case[1].get('kind', 'none')}"


@pytest.mark.parametrize("case", GOOD, ids=name_of)
def test_what_is_taken_follows_its_schema(case: tuple[str, dict[str, Any]]) -> None:
    assert is_taken(*case)
    assert follows_schema(*case)


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_what_breaks_the_schema_is_refused(case: tuple[str, dict[str, Any]]) -> None:
    assert not follows_schema(*case)
    assert not is_taken(*case)


def test_every_message_of_the_app_stands_in_a_schema() -> None:
    schemas = [path.read_text("utf-8") for path in (ROOT / "docs" / "messages").glob("*.json")]
    kinds = {model.__name__ for model in messages.Message.__subclasses__()} - {"Failure"}
    assert kinds == {name for name in kinds if any(f'"title": "{name}"' in schema for schema in schemas)}


def test_what_the_app_sends_follows_the_schema() -> None:
    search = messages.Search(job="5f0c1111-2222", run=2, **SEARCH)  # type: ignore[arg-type]
    cancel = messages.Cancel(job="5f0c1111-2222", run=2)
    assert follows_schema("blast-submit", json.loads(search.model_dump_json()))
    assert follows_schema("blast-submit", json.loads(cancel.model_dump_json()))
    for work in (
        messages.Finalize(job="5f0c1111-2222", run=2),
        messages.MakeExport(job="5f0c1111-2222", run=2, export=EXPORT),
    ):
        assert follows_schema("blast-artifacts", json.loads(work.model_dump_json()))
