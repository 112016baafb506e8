"""HTTP: submit a job, list one's own, see one, see its steps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import azure.functions as func

from blast_artifacts.triggers.access import caller_of, job_id_of, owned_job
from shared.errors import AppError
from shared.http import answer, answer_json, json_body
from shared.settings import settings

blueprint = func.Blueprint()

_VIEWS = ("aggregate", "queries", "descriptions", "alignments", "taxonomy")
_PAGE, _LARGEST_PAGE = 50, 100


@blueprint.function_name("submit_job")
@blueprint.route(route="blast/jobs", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def submit_job(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_submit, req)


@blueprint.function_name("list_jobs")
@blueprint.route(route="blast/jobs", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def list_jobs(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_list, req)


@blueprint.function_name("get_job")
@blueprint.route(route="blast/jobs/{job_id}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def get_job(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_see, req)


def _submit(req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle.submit import submit

    caller = caller_of(req)
    job = submit(caller.owner, json_body(req, settings().max_body_bytes))
    headers = {"Location": f"/api/blast/jobs/{job.job_id}", "Retry-After": "2"}
    return answer_json(_summary(job, {}), 202, headers)


def _list(req: func.HttpRequest) -> func.HttpResponse:
    """The caller's jobs, newest first; `cursor` is the last entry's key."""
    from blast_artifacts.lifecycle import index, jobs

    caller = caller_of(req)
    after = _cursor(req.params.get("cursor", ""))
    size = _page_size(req.params.get("page_size", ""))
    entries = list(islice(index.entries(caller.owner, after), size + 1))
    page = entries[:size]
    with ThreadPoolExecutor(max_workers=8) as readers:
        found = list(readers.map(jobs.get_summary, [job_id for _, job_id in page]))
    rows = [_row(job) for job in found if job and job.status != "deleted" and job.owner == caller.owner]
    more = len(entries) > size
    return answer_json({"next_cursor": page[-1][0] if more else None, "jobs": rows})


def _see(req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle.states import states

    job = owned_job(caller_of(req), job_id_of(req))
    return answer_json(_summary(job, states(job)))


def _cursor(text: str) -> str:
    if text and not (len(text) < 100 and text[:13].isdigit() and text[13:14] == "_"):
        raise AppError("invalid_parameter", "The cursor is not one of ours.", parameter="cursor")
    return text


def _page_size(text: str) -> int:
    if not text:
        return _PAGE
    if not (text.isdecimal() and 1 <= int(text[:9]) <= _LARGEST_PAGE):
        sentence = f"The page size is a whole number from 1 to {_LARGEST_PAGE}."
        raise AppError("invalid_parameter", sentence, parameter="page_size")
    return int(text)


def _row(job: Any) -> dict[str, Any]:
    shown = ("job_id", "status", "run", "title", "program", "database", "phase")
    times = ("created_at", "started_at", "finished_at")
    return {name: getattr(job, name) for name in (*shown, *times)}


def _summary(job: Any, states: dict[str, Any]) -> dict[str, Any]:
    here = f"/api/blast/jobs/{job.job_id}"
    error = {"code": job.error_code, "message": job.error, "exit_code": job.exit_code}
    return {
        **_row(job),
        "updated_at": job.updated_at,
        "error": error if job.error_code else None,
        "artifacts": states,
        "links": {
            "self": here,
            "execution_steps": f"{here}/execution-steps",
            "results": f"{here}/results",
            **{view: f"{here}/results/{view}" for view in _VIEWS},
        },
    }
