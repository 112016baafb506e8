"""HTTP: the logs of a job's steps, chunk by chunk."""

from __future__ import annotations

import re

import azure.functions as func

from blast_artifacts.triggers.access import caller_of, job_id_of, owned_job
from shared.errors import AppError
from shared.http import answer, answer_json

blueprint = func.Blueprint()

_STEP = re.compile(r"[a-z0-9_]{1,40}")
_SEQUENCE = re.compile(r"[0-9]{1,6}")
_LOGS = "blast/jobs/{job_id}/execution-steps/logs/{step}"


@blueprint.function_name("list_log_chunks")
@blueprint.route(route=_LOGS, methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def list_log_chunks(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_list, req)


@blueprint.function_name("read_log_chunk")
@blueprint.route(route=_LOGS + "/{sequence}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def read_log_chunk(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_read, req)


def _list(req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle import logs

    job = owned_job(caller_of(req), job_id_of(req))
    return answer_json(logs.index(job, _in_route(req, "step", _STEP)))


def _read(req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle import logs

    job = owned_job(caller_of(req), job_id_of(req))
    step, sequence = _in_route(req, "step", _STEP), int(_in_route(req, "sequence", _SEQUENCE))
    chunk = logs.chunk(job, step, sequence)
    if chunk is None:
        raise AppError("not_found", "There is no such log chunk.")
    return answer_json(chunk)


def _in_route(req: func.HttpRequest, name: str, pattern: re.Pattern[str]) -> str:
    value = str(req.route_params.get(name, ""))
    if not pattern.fullmatch(value):
        raise AppError("not_found", f"There is no such {name}.")
    return value
