"""The plan of a fanned-out build: what it names, and what becomes of one that is cut off."""

from __future__ import annotations

import pytest

from blast_artifacts.lifecycle import (
    commands,
    finalizer,
    plans,
)
from blast_artifacts.terms import ArtifactType
from shared.storage import container
from tests.lifecycle.fan_out.several_parts import body, ended, whole, work
from tests.lifecycle.roads import go_on
from tests.operations import Stopped, at, operations


def test_the_plan_names_every_file_in_the_version_that_was_listed() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    build = work()[0]["build"]
    _, plan = plans.load(f"{job.job_id}/1/{build}")
    container_name, _, folder = job.results_prefix.partition("/")
    listed = {
        blob.name.removeprefix(folder): (blob.size, blob.etag)
        for blob in container(container_name).list_blobs(name_starts_with=folder)
    }
    planned = [[source for source, _ in files] for files in plan.parts]
    assert [len(sources) for sources in planned] == [2, 1]
    for source in (source for sources in planned for source in sources):
        assert listed[source.name] == (source.size, source.version)


@pytest.mark.parametrize(
    "where",
    [
        "artifact_finalizer",
        *(
            pytest.param(where, marks=pytest.mark.nightly)
            for where in ("plan.json.gz", "$batch", "/messages")
        ),
    ],
)
def test_a_plan_that_is_cut_off_is_made_anew_or_gone_on_with(where: str, unrenewed: None) -> None:
    job = ended(batches=3)
    seen = 2 if where == "artifact_finalizer" else 1

    def counts(operation: str) -> bool:
        return where in operation and not operation.startswith("GET")

    for comes_after in (False, True):
        stop = at(seen, counts, _stop)
        hooks = (None, stop) if comes_after else (stop, None)
        with pytest.raises(Stopped), operations(None, *hooks):
            finalizer.finalize(job)
        go_on(job)
        whole(job)
        assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 3 * 59
        commands.rebuild(job)
        work()


def _stop() -> None:
    raise Stopped
