"""Exports of a published job, asked for and made."""

from __future__ import annotations

import time

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    exports,
    finalizer,
)
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.exports import Export
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.export import parse_export
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, table
from tests.triggers.conftest import taken

PARAMS = {"table": "alignments", "format": "csv"}


def change(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()


def parts_of(job: Job) -> Artifact:
    found = artifacts.find(job.job_id, ArtifactType.PARTS)
    assert found is not None
    return found


def key_of(job: Job, **params: str) -> str:
    return exports.key_of(parts_of(job).fingerprint, parse_export({**PARAMS, **params}).key)


def ask(job: Job, **params: str) -> Export:
    return exports.ask(job.job_id, parts_of(job), key_of(job, **params), {**PARAMS, **params})


def standing(job: Job, **params: str) -> Export:
    found = exports.find(job.job_id, key_of(job, **params))
    assert found is not None
    return found


def make_all() -> list[str]:
    return [finalizer.take_in(message) for message in taken()]


def made_after_asking(job: Job) -> list[str]:
    """What becomes of the messages that come first, while somebody asks again and again."""
    while not (sent := taken()):
        ask(job)
    return [finalizer.take_in(message) for message in sent]


def come() -> list[str]:
    """What becomes of the messages that come by themselves."""
    while not (sent := taken()):
        time.sleep(0.05)
    return [finalizer.take_in(message) for message in sent]


def file(job: Job) -> bytes:
    blob = container(settings().artifacts_container).download_blob(str(standing(job).blob))
    return bytes(blob.readall())


def exported_blobs(job: Job) -> list[str]:
    names = container(settings().artifacts_container).list_blob_names(name_starts_with=f"{job.job_id}/")
    return [name for name in names if "/exports/" in name]


def after(moment: str | None) -> None:
    """Wait until that moment has passed."""
    assert moment is not None
    while clock.to_text(clock.now()) <= moment:
        pass


def lapse(job: Job) -> None:
    """The lease of whoever is at the export is over."""
    row = rows.find(table(settings().job_artifact_table), job.job_id, key_of(job))
    if row and row.get("lease_until"):
        values = {**row.values, "lease_until": clock.to_text(clock.later(-1))}
        rows.replace(table(settings().job_artifact_table), row, values)
