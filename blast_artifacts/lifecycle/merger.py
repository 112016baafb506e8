"""The merge of a fanned-out build: its parts published as one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from blast_artifacts.lifecycle import (
    built_parts,
    checkpoints,
    claimed,
    claims,
    jobs,
    messages,
    parts,
    plans,
    publishing,
)
from blast_artifacts.lifecycle.built_parts import PartTables
from blast_artifacts.lifecycle.checkpoints import Done
from blast_artifacts.lifecycle.claims import Claim
from blast_artifacts.lifecycle.messages import MergeParts
from blast_artifacts.lifecycle.taxa import taxonomy
from blast_artifacts.tables.part import Part
from blast_artifacts.terms import ArtifactState, JobStatus
from blast_artifacts.views import build as views
from shared.log_lines import note
from shared.storage import scan_options
from shared.words import counted


class PartsLacking(Exception):
    """Parts of the build are neither built nor to be built: somebody removed their rows."""


def merge(message: MergeParts) -> str:
    """Merge the parts of a build, if all are over and it can be claimed, and say what became of it.

    `published`, `failed` (released for a later attempt), `lost`, `busy`, `settled` or `gone`.
    """
    note(job=message.job, run=message.run, build=message.build)
    job = jobs.get_summary(message.job)
    if job is None or job.status is JobStatus.DELETED or job.run != message.run:
        return "gone"
    if checkpoints.is_any_left(message.job, message.build):
        return "busy"
    outcome = claimed.carry_out(
        lambda: claims.claim_merge(job, message.build),
        _merge_claimed,
        lambda seconds: messages.send_merge(message.job, message.run, message.build, seconds),
    )
    if outcome == "published":
        mine = [key for key in checkpoints.of_job(job.job_id) if checkpoints.build_of(key) == message.build]
        checkpoints.remove(job.job_id, mine)
    return outcome


def _merge_claimed(claim: Claim, place: Path) -> str:
    folder = f"{claim.job.job_id}/{claim.job.run}/{claim.build}"
    over = checkpoints.done(claim.job.job_id, claim.build)
    if lacking := claim.parts - len(over):
        raise PartsLacking(f"no row of {lacking:,} of {counted(claim.parts, 'part')}")
    search, plan = plans.load(folder)
    claim.check()
    built, tables = _found(folder, over)
    claim.check()
    with _at_hand(tables) as lying:
        whole = [
            _part(built[number], tables[number], lying[number])
            if number in built
            else views.unread_part(plan, number, place, done.error or "nobody knows why")
            for number, done in sorted(over.items())
        ]
        merged = views.merge_parts(
            search, plan, whole, place, plan.formats(search), taxonomy(), scan_options()
        )
        publishing.publish(claim, merged, tables)
    return "published"


def _found(folder: str, over: Mapping[int, Done]) -> tuple[dict[int, Part], dict[int, PartTables]]:
    built, tables = {}, {}
    for number, done in over.items():
        if done.status is ArtifactState.READY:
            built[number], tables[number] = built_parts.find(folder, str(done.token), number)
    return built, tables


@contextmanager
def _at_hand(tables: Mapping[int, PartTables]) -> Iterator[dict[int, Mapping[str, str | Path]]]:
    """Queries and pairs, of which columns are read whole, on local disk where they fit."""
    with parts.fetched(list(tables.values()), ("queries", "pairs")) as found:
        yield dict(zip(tables, found, strict=True))


def _part(part: Part, tables: PartTables, at_hand: Mapping[str, str | Path]) -> Part:
    """The part with its tables; hits, of which little is read, stay where they lie."""
    hits = parts.address(tables["hits"])
    return replace(part, hits=hits, pairs=at_hand["pairs"], queries=at_hand["queries"])
