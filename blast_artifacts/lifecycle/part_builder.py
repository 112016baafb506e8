"""The builder of one part of a fanned-out build."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import replace

from blast_artifacts.lifecycle import (
    built_parts,
    checkpoints,
    claims,
    due,
    fan_out,
    messages,
    plans,
    sentinel,
)
from blast_artifacts.lifecycle.checkpoints import Done, Todo
from blast_artifacts.lifecycle.messages import BuildPart
from blast_artifacts.lifecycle.results import FileChanged
from blast_artifacts.lifecycle.workplace import workplace
from blast_artifacts.terms import ArtifactState
from blast_artifacts.views import build as views
from shared import clock, rows
from shared.errors import told
from shared.log_lines import note
from shared.settings import settings
from shared.words import counted

log = logging.getLogger(__name__)

_LONGEST_REASON = 1000


class Lost(Exception):
    """The part went on without us: built by another, or its build is given up."""


def build(message: BuildPart) -> str:
    """Build a part, if it can be claimed, and say what became of it.

    `built`, `failed` (the part, for good), `put_off` (for a later attempt), `lost`, `busy`, `settled`, or
    `superseded` where the build is no longer under way.
    """
    note(job=message.job, run=message.run, build=message.build, part=message.part)
    if not _is_under_way(message):
        return "superseded"
    todo = checkpoints.find_todo(message.job, message.build, message.part)
    if todo is None:
        outcome = "settled"
    elif seconds := todo.seconds_left(clock.now()):
        _ask_later(message, seconds)
        return "busy"
    elif todo.attempts >= settings().max_attempts:
        reason = f"{counted(todo.attempts, 'attempt')} failed; the last: {todo.error or 'the process died'}"
        outcome = _fail(todo, reason, code="attempts_exhausted")
    else:
        outcome = _build(message, todo)
    if outcome in ("built", "failed", "settled"):
        fan_out.merge_if_done(message.job, message.run, message.build)
    return outcome


def _build(message: BuildPart, todo: Todo) -> str:
    try:
        claim = _Claim(message, todo)
    except rows.Conflict:
        return "busy"
    note(attempt=claim.todo.attempts)
    try:
        with claims.renewed(claim.renew, claim.token):
            _build_claimed(claim)
    except (Lost, rows.Conflict):
        return "lost"
    except FileChanged as changed:
        return _fail(claim.todo, str(changed), code="file_changed")
    except Exception as error:
        log.exception("job %s: attempt %d of part %d failed", message.job, todo.attempts + 1, message.part)
        return claim.put_off(told(error))
    return "built"


def _build_claimed(claim: _Claim) -> None:
    message = claim.message
    folder = f"{message.job}/{message.run}/{message.build}"
    search, plan = plans.load(folder)
    deadline = time.monotonic() + settings().build_deadline_seconds
    with workplace() as place:
        part = views.build_part(
            search, plan, message.part, place, plan.formats(search), deadline, lambda _bytes: claim.check()
        )
        note(bytes=sum(report.size for report in part.reports), rows=part.sums.hsps)
        built_parts.upload(folder, claim.token, part, claim.check)
    now = clock.to_text(clock.now())
    checkpoints.finish(claim.todo, Done(ArtifactState.READY, now, claim.token))


class _Claim:
    """The right to build one part, until its lease lapses or is lost.

    The attempt is counted in the claim itself, so that a process that dies of memory has counted too. Who
    stalled past the lease may still finish first; what another made of the same files is equal.
    """

    def __init__(self, message: BuildPart, todo: Todo) -> None:
        self.message = message
        self.token = uuid.uuid4().hex
        self.todo = checkpoints.change(
            todo, self._leased(replace(todo, attempts=todo.attempts + 1, token=self.token, not_before=None))
        )
        self._lost = False
        self._lock = threading.Lock()

    def check(self) -> None:
        if self._lost:
            raise Lost(self.token)

    def renew(self) -> None:
        """Put the lease off, where the build still stands."""
        with self._lock:
            if self._lost:
                return
            try:
                self._lost = not _is_under_way(self.message)
                if not self._lost:
                    self.todo = checkpoints.change(self.todo, self._leased(self.todo))
            except rows.Conflict:
                self._lost = True

    def put_off(self, reason: str) -> str:
        """Give the claim back; the message comes again when the back-off has passed."""
        wait = due.wait(self.todo.attempts - 1)
        moment = clock.now()
        later = replace(
            self.todo,
            lease_until=None,
            not_before=clock.to_text(clock.later(wait)),
            updated_at=clock.to_text(moment),
            error=reason[:_LONGEST_REASON],
        )
        try:
            checkpoints.change(self.todo, later)
        except rows.Conflict:
            return "lost"
        _ask_later(self.message, wait)
        return "put_off"

    @staticmethod
    def _leased(todo: Todo) -> Todo:
        return replace(todo, lease_until=claims.lease_end(), updated_at=clock.to_text(clock.now()))


def _ask_later(message: BuildPart, seconds: float) -> None:
    """Send the message for when what keeps the part has passed; who holds it may be dead."""
    messages.send_part(message.job, message.run, message.build, message.part, seconds)


def _fail(todo: Todo, reason: str, *, code: str) -> str:
    """Settle a part that will not be built; the job is then not complete, and says why."""
    log.error("job %s: part %d failed for good: %s", todo.row.partition, todo.number, reason)
    failed = Done(
        ArtifactState.FAILED,
        clock.to_text(clock.now()),
        error_code=code,
        error=reason[:_LONGEST_REASON],
    )
    try:
        checkpoints.finish(todo, failed)
    except rows.Conflict:
        return "lost"
    note(code=code)
    return "failed"


def _is_under_way(message: BuildPart) -> bool:
    """Whether the build is what the job's sentinel stands for, and this builder may go on with it."""
    standing = sentinel.find(message.job)
    if standing is None or not standing.is_fanned_out or standing.is_of_a_later_builder:
        return False
    return (standing.run, standing.build) == (message.run, message.build)
