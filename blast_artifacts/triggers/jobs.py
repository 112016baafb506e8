"""HTTP: submit a job, list one's own, see one, cancel it, run it again, rebuild it, delete it."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import azure.functions as func

from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from blast_artifacts.triggers.access import for_caller, for_owner, for_reader, register
from shared.errors import AppError
from shared.http import answer_json, json_body
from shared.identity import Caller
from shared.settings import settings

blueprint = func.Blueprint()

_VIEWS = ("aggregate", "queries", "descriptions", "alignments", "taxonomy")
_PAGE, _LARGEST_PAGE = 20, 100
_CURSOR = re.compile(r"[0-9]{13}_[a-z0-9-]{8,64}")
_SIZE = re.compile(r"[0-9]{1,3}")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def _submit(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    from blast_artifacts.lifecycle.submit import submit

    body = json_body(req, settings().max_body_bytes)
    return _accepted(submit(caller.owner, body, _idempotency_key(req)))


def _list(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """The caller's jobs, newest first; `cursor` is the last entry's key."""
    from blast_artifacts.lifecycle import listing

    size, statuses = _page_size(req.params.get("page_size", "")), _statuses(req.params.get("status", ""))
    found, cursor = listing.page(caller.owner, _cursor(req.params.get("cursor", "")), size, statuses)
    return answer_json({"next_cursor": cursor, "jobs": [_row(job) for job in found]})


def _see(_: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle.states import states

    return answer_json(_summary(job, states(job)))


def _act(command: str, _: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle import commands

    changed = {"cancel": commands.cancel, "retry": commands.retry, "rebuild": commands.rebuild}[command](job)
    return _accepted(changed)


def _delete(_: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle import commands

    commands.delete(job)
    return answer_json({"job_id": job.job_id, "status": JobStatus.DELETED}, 202)


def _accepted(job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle.states import states

    headers = {"Location": f"/api/blast/jobs/{job.job_id}", "Retry-After": "2"}
    known = {} if job.status is JobStatus.QUEUED and job.run == 1 else states(job)
    return answer_json(_summary(job, known), 202, headers)


def _idempotency_key(req: func.HttpRequest) -> str | None:
    key = req.headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        sentence = "An Idempotency-Key is 1 to 200 printable ASCII characters without blanks."
        raise AppError("invalid_parameter", sentence, parameter="Idempotency-Key")
    return key or None


def _cursor(text: str) -> str:
    if text and not _CURSOR.fullmatch(text):
        raise AppError("invalid_parameter", "The cursor is not one of ours.", parameter="cursor")
    return text


def _statuses(text: str) -> frozenset[JobStatus]:
    names = frozenset(text.split(",")) if text else frozenset()
    known = frozenset(JobStatus) - {JobStatus.DELETED}
    if not names <= known:
        sentence = f"A status is one of {', '.join(sorted(known))}; several with commas."
        raise AppError("invalid_parameter", sentence, parameter="status")
    return frozenset(JobStatus(name) for name in names)


def _page_size(text: str) -> int:
    if not text:
        return _PAGE
    if not (_SIZE.fullmatch(text) and 1 <= int(text) <= _LARGEST_PAGE):
        sentence = f"The page size is a whole number from 1 to {_LARGEST_PAGE}."
        raise AppError("invalid_parameter", sentence, parameter="page_size")
    return int(text)


def _row(job: Job) -> dict[str, Any]:
    shown = ("job_id", "status", "run", "title", "program", "database", "phase")
    times = ("created_at", "started_at", "finished_at")
    return {name: getattr(job, name) for name in (*shown, *times)}


def _summary(job: Job, states: dict[str, Any]) -> dict[str, Any]:
    from blast_artifacts.lifecycle.steps import failure

    here = f"/api/blast/jobs/{job.job_id}"
    warnings = [{"code": "capacity_unknown", "text": job.warning}] if job.warning else []
    return {
        **_row(job),
        "updated_at": job.updated_at,
        "error": failure(job),
        "warnings": warnings,
        "artifacts": states,
        "links": {
            "self": here,
            "execution_steps": f"{here}/execution-steps",
            "results": f"{here}/results",
            **{view: f"{here}/results/{view}" for view in _VIEWS},
        },
    }


_JOB = "blast/jobs/{job_id}"

register(blueprint, "submit_job", ["POST"], "blast/jobs", for_caller(_submit))
register(blueprint, "list_jobs", ["GET"], "blast/jobs", for_caller(_list))
register(blueprint, "get_job", ["GET"], _JOB, for_reader(_see))
register(blueprint, "delete_job", ["DELETE"], _JOB, for_owner(_delete))
for _command in ("cancel", "retry", "rebuild"):
    register(
        *(blueprint, f"{_command}_job", ["POST"], f"{_JOB}/{_command}"), for_owner(partial(_act, _command))
    )
