"""What every read of results shares: the published build, or the state where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import azure.functions as func

from blast_artifacts.lifecycle import artifacts
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType, SentinelStatus
from blast_artifacts.views.cursor import CursorExpired
from blast_artifacts.views.parameters import BadQuestion
from shared import clock
from shared.errors import AppError
from shared.http import answer_json, redirect

LINK = "link"
_TRIES = 3


def of_published(
    job_id: str, artifact: Artifact | None, serve: Callable[[Artifact], func.HttpResponse]
) -> func.HttpResponse | None:
    """What `serve` makes of a published artifact; None where none is published of the current run.

    That a blob is gone is written into the row that leads to it, unless another build has taken its place:
    then that one is served.
    """
    from blast_artifacts.lifecycle import parts, terminal

    for _ in range(_TRIES):
        if artifact is None or not artifact.answers:
            return None
        if artifact.status is ArtifactState.FAILED:
            raise artifact_failed(artifact.error_code, artifact.error)
        if artifact.is_outdated:
            terminal.ask_for_newer(job_id)
        try:
            return serve(artifact)
        except parts.NoParts:
            return None
        except parts.Superseded:
            pass
        except artifacts.BlobGone as lost:
            if artifacts.mark_missing(job_id, lost.artifact):
                return None
        artifact = artifacts.find(job_id, artifact.type)
    return None


def awaited_state(job: Job, *kinds: ArtifactType) -> ArtifactState:
    """How far those artifacts are of which one is lacking; raises AppError `artifact_failed`.

    Where a job has ended and nobody has asked for them, or nobody has for long, they are asked for, and so is
    what an older builder failed at. Where all are there, those of an older builder wait for the newer one.
    """
    from blast_artifacts.lifecycle import sentinel, states, terminal

    found = states.states(job)
    lacking = [found[kind] for kind in kinds if found[kind]["state"] != ArtifactState.READY]
    failed = next((state for state in lacking if state["state"] == ArtifactState.FAILED), None)
    standing = None if lacking else sentinel.find(job.job_id)
    if standing and standing.status is SentinelStatus.FAILED:
        failed = {"error_code": standing.error_code, "error": standing.error}
    if failed and not terminal.ask_for_newer(job.job_id):
        raise artifact_failed(failed["error_code"], failed["error"])
    if not job.is_terminal:
        return ArtifactState(lacking[0]["state"]) if lacking else ArtifactState.PENDING
    if any(state["state"] == ArtifactState.MISSING for state in lacking):
        terminal.ask_once(job)
    else:
        terminal.ask_again(job)
    return ArtifactState.PENDING


def not_yet(job: Job, state: ArtifactState, since: str | None = None) -> func.HttpResponse:
    """202 for what is waited for `since` that moment, or since the job ended or moved on."""
    said = {"job_id": job.job_id, "run": job.run, "status": job.status, "state": state}
    headers = {
        "Retry-After": _patience(since or job.finished_at or job.updated_at),
        "X-Artifact-State": state,
    }
    return answer_json(said, 202, headers)


def _patience(since: str) -> str:
    """Seconds until a caller should ask again: from 2, growing with the wait so far, to 30."""
    waited = (clock.now() - clock.from_text(since)).total_seconds()
    return str(int(min(30, max(2, waited / 10))))


def artifact_failed(code: str | None, reason: str | None) -> AppError:
    return AppError("artifact_failed", reason or "It could not be built.", reason=code)


def wants_link(req: func.HttpRequest) -> bool:
    """Whether a large file is to be given by a link in the body, not by a redirect."""
    given = str(req.params.get(LINK, ""))
    if given not in ("", "1"):
        raise AppError("invalid_parameter", f"{LINK} must be 1, or not given.", parameter=LINK)
    return given == "1"


def by_link(in_body: bool, container_name: str, path: str, file_name: str) -> func.HttpResponse:
    """A link to that one blob, which holds for minutes."""
    from shared.links import link

    made = link(container_name, path, file_name)
    return answer_json({"url": made.url, "expires_at": made.expires_at}) if in_body else redirect(made.url)


@contextmanager
def understood() -> Iterator[None]:
    """Says to the caller what is wrong with a question."""
    try:
        yield
    except BadQuestion as fault:
        raise AppError("invalid_parameter", str(fault), parameter=fault.parameter) from fault
    except CursorExpired as expired:
        raise AppError("cursor_expired", str(expired)) from expired
