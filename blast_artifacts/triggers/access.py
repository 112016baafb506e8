"""The doors of the API: every HTTP function is registered here, behind one that asks before it opens.

Whoever may not see a job is told that there is none. A handler gets what its door has granted as an argument,
so that one which forgets to ask has nothing to answer with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

import azure.functions as func

from blast_artifacts.lifecycle import artifacts, jobs
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ID_PATTERN, ArtifactType, JobStatus
from shared.errors import AppError
from shared.http import Handler, answer
from shared.identity import Caller, identify, is_of_another_site
from shared.log_lines import action, note
from shared.settings import settings
from shared.storage import is_emulator

_ID = re.compile(ID_PATTERN)
_READING = ("GET", "HEAD")


class Needs(StrEnum):
    """What it takes to pass a door."""

    NOTHING = "nothing"
    CALLER = "caller"
    READER = "reader"
    OWNER = "owner"


@dataclass(frozen=True)
class Door:
    """What it takes to pass, and what happens behind it."""

    needs: Needs
    pass_in: Handler


@dataclass(frozen=True)
class Permit:
    """That `caller` may read the job `job_id`; the row of the job itself is read when it is asked for."""

    caller: Caller
    job_id: str

    @cached_property
    def job(self) -> Job:
        """Raises AppError `not_found` where the job has been deleted since."""
        return _visible_job(self.caller, self.job_id)


DOORS: dict[str, Door] = {}
"""The door of every HTTP function, by the function's name."""


def for_everybody(handle: Handler) -> Door:
    return Door(Needs.NOTHING, handle)


def for_caller(handle: Callable[[func.HttpRequest, Caller], func.HttpResponse]) -> Door:
    """For anybody who says who they are."""
    return Door(Needs.CALLER, lambda req: handle(req, _caller(req)))


def for_reader(handle: Callable[[func.HttpRequest, Job], func.HttpResponse]) -> Door:
    """For whoever may read the job in the route: its owner, or a role that reads all."""

    def pass_in(req: func.HttpRequest) -> func.HttpResponse:
        return handle(req, _visible_job(_caller(req), _job_id(req)))

    return Door(Needs.READER, pass_in)


def for_owner(handle: Callable[[func.HttpRequest, Job], func.HttpResponse]) -> Door:
    """For the owner of the job in the route alone: a role that reads all changes nothing."""

    def pass_in(req: func.HttpRequest) -> func.HttpResponse:
        caller = _caller(req)
        job = _visible_job(caller, _job_id(req))
        if job.owner != caller.owner:
            raise no_such_job()
        return handle(req, job)

    return Door(Needs.OWNER, pass_in)


def for_artifact_reader(
    kind: ArtifactType, handle: Callable[[func.HttpRequest, Permit, Artifact | None], func.HttpResponse]
) -> Door:
    """For whoever may read the job; asked by the row of the artifact, which bears the owner, where it stands.

    Who is refused costs two reads, whether the job is foreign, deleted or was never there.
    """

    def pass_in(req: func.HttpRequest) -> func.HttpResponse:
        permit = Permit(_caller(req), _job_id(req))
        artifact = artifacts.find(permit.job_id, kind)
        if artifact is None or not permit.caller.may_read(artifact.owner):
            artifact = None
            _ = permit.job
        return handle(req, permit, artifact)

    return Door(Needs.READER, pass_in)


def register(blueprint: func.Blueprint, name: str, methods: Sequence[str], path: str, door: Door) -> None:
    """Make a function of the app that is reached through this door, at `path` below the route prefix."""

    def answered(req: func.HttpRequest) -> func.HttpResponse:
        return enter(name, req)

    DOORS[name] = door
    # Anonymous to the host: a function key is no identity, and ours is asked at the door.
    route = blueprint.route(route=path, methods=methods, auth_level=func.AuthLevel.ANONYMOUS)
    blueprint.function_name(name)(route(answered))


def no_such_job() -> AppError:
    return AppError("not_found", "There is no such job.")


def enter(name: str, req: func.HttpRequest) -> func.HttpResponse:
    """The answer from behind the door, and one line on who asked for what and what came of it."""
    with action("http", function=name, method=req.method):
        return answer(partial(DOORS[name].pass_in, req))


def _caller(req: func.HttpRequest) -> Caller:
    """Who calls; raises AppError `unauthenticated`, also where another site would change things unasked."""
    if req.method not in _READING and is_of_another_site(req.headers):
        raise AppError("unauthenticated", "A page of another site cannot ask in a caller's name.")
    caller = identify(req.headers, settings(), is_emulator)
    note(who=caller.owner)
    return caller


def _job_id(req: func.HttpRequest) -> str:
    """The job id in the route; one that cannot be a job's is answered like one that is not."""
    job_id = str(req.route_params.get("job_id", ""))
    if not _ID.fullmatch(job_id):
        raise no_such_job()
    note(job=job_id)
    return job_id


def _visible_job(caller: Caller, job_id: str) -> Job:
    """The job, if the caller may read it; unknown, deleted and foreign are the same `not_found`."""
    job = jobs.get_summary(job_id)
    if job is None or job.status is JobStatus.DELETED or not caller.may_read(job.owner):
        raise no_such_job()
    return job
