"""The finalizer: claims a finished run, builds its artifacts from the results, publishes them at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from blast_artifacts.lifecycle import (
    claimed,
    claims,
    due,
    exporter,
    fan_out,
    jobs,
    merger,
    messages,
    part_builder,
    plans,
    publishing,
    results,
    submit,
)
from blast_artifacts.lifecycle.claims import Claim, NotListableYet
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import WORK, BuildPart, MakeExport, MergeParts
from blast_artifacts.lifecycle.taxa import taxonomy
from blast_artifacts.reading.folder import open_folder
from blast_artifacts.reading.hits import Source
from blast_artifacts.terms import JobStatus
from blast_artifacts.views import build as views
from blast_artifacts.views.build import Built
from shared.log_lines import note
from shared.settings import settings
from shared.words import counted

log = logging.getLogger(__name__)


def take_in(text: str | bytes) -> str:
    """Act on one message of the artifacts queue and say what became of it.

    `published`, `fanned_out`, `failed` (released for a later attempt), `lost`, `busy`, `settled`,
    `not_terminal`, `gone` or `malformed`; nothing of the message but the job's id is believed. What is about
    a part, a merge or an export is handed on.
    """
    try:
        message = WORK.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        log.error("finalize message refused: %s", fault["msg"])
        return "malformed"
    if isinstance(message, MakeExport):
        return exporter.make(message)
    if isinstance(message, BuildPart):
        return part_builder.build(message)
    if isinstance(message, MergeParts):
        return merger.merge(message)
    job = jobs.get_summary(message.job)
    if job is None or job.status is JobStatus.DELETED:
        log.warning("finalize message for job %s, which is not there", message.job)
        return "gone"
    if not job.is_terminal:
        due.schedule(due.Kind.FINALIZE, job.job_id, job.run, due.back_off(0))
        return "not_terminal"
    return finalize(job)


def finalize(job: Job) -> str:
    """Build and publish the artifacts of a terminal job's current run, if it can be claimed.

    Where the results are more than one part, only the plan is made here.
    """
    note(job=job.job_id, run=job.run)
    return claimed.carry_out(
        lambda: claims.claim(job),
        _build_claimed,
        lambda seconds: messages.send_finalize(job.job_id, job.run, seconds),
    )


def build(job: Job, sources: Sequence[Source], folder: Path, deadline: float) -> Built:
    """What the results of a job's current run come to; its tables lie in `folder`."""
    return views.build_result(_search(job), sources, folder, taxonomy=taxonomy(), deadline=deadline)


def refuse_unlisted(job: Job, sources: Sequence[Source]) -> None:
    """Raise NotListableYet for a job that claims success while results lack; a listing may lag behind."""
    if job.status is not JobStatus.COMPLETED:
        return
    folder = open_folder(sources)
    if not folder.results:
        raise NotListableYet("the job has completed, but no result file is to be seen")
    if missing := folder.missing_batches():
        raise NotListableYet(f"of {counted(missing, 'batch', 'batches')} no result is to be seen")


def _build_claimed(claim: Claim, folder: Path) -> str:
    job = claim.job
    sources = results.list_results(job.results_prefix)
    if claim.attempt < settings().max_attempts:
        refuse_unlisted(job, sources)
    search = _search(job)
    plan = views.plan_build(search, sources)
    note(bytes=sum(source.size for source in sources))
    if len(plan.parts) > 1:
        plans.store(claim.folder, search, plan, job.results_prefix)
        claim.check()
        fan_out.begin(claim, len(plan.parts))
        return "fanned_out"
    deadline = time.monotonic() + settings().build_deadline_seconds
    built = views.build_planned(
        search, plan, folder, plan.formats(search), taxonomy(), deadline, lambda _bytes: claim.check()
    )
    publishing.publish(claim, built, {})
    return "published"


def _search(job: Job) -> views.Job:
    submission = submit.read_request(job.job_id)
    return views.Job(
        job_id=job.job_id,
        run=job.run,
        status=job.status,
        program=job.program,
        database=job.database,
        options=submission.options if submission else {},
        query_fasta=results.find_source(submit.query_blob(job.job_id)),
    )
