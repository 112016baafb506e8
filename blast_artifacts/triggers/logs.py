"""HTTP: the logs of a job's steps, chunk by chunk."""

from __future__ import annotations

import re

import azure.functions as func

from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.triggers.access import for_reader, register
from shared.errors import AppError
from shared.http import answer_json

blueprint = func.Blueprint()

_STEP = re.compile(r"[a-z0-9_]{1,40}")
_SEQUENCE = re.compile(r"[0-9]{1,6}")
_LOGS = "blast/jobs/{job_id}/execution-steps/logs/{step}"


def _list(req: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle import logs

    return answer_json(logs.index(job, _in_route(req, "step", _STEP)))


def _read(req: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle import logs

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


register(blueprint, "list_log_chunks", ["GET"], _LOGS, for_reader(_list))
register(blueprint, "read_log_chunk", ["GET"], _LOGS + "/{sequence}", for_reader(_read))
