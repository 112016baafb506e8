from __future__ import annotations

import json

import pytest

from blast_artifacts.lifecycle import commands, finalizer
from blast_artifacts.lifecycle.states import states
from blast_artifacts.lifecycle.submit import submit
from blast_artifacts.terms import ArtifactState, ArtifactType
from tests.lifecycle.makers import put_results, stands, tell
from tests.operations import Stopped, operations, stop_at

BODY = json.dumps({"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}).encode()


def test_what_the_run_before_published_is_no_artifact_of_a_run_that_has_only_begun(account: None) -> None:
    job = submit("local.ann", BODY)
    put_results(job)
    tell(job, "terminal", status="completed")
    finalizer.finalize(stands(job))
    assert {one["state"] for one in states(stands(job)).values()} == {ArtifactState.READY}
    with pytest.raises(Stopped), operations(before=stop_at("$batch")):
        commands.retry(stands(job))
    assert stands(job).run == 2
    seen = {kind: one["state"] for kind, one in states(stands(job)).items()}
    assert seen == dict.fromkeys(ArtifactType, ArtifactState.MISSING)
