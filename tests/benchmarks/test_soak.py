"""A few jobs under all faults come to the end that they would have come to without."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.searches import plan
from benchmarks.soak import soak
from blast_artifacts.terms import JobStatus


def test_jobs_under_faults_end_as_in_a_clean_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PART_FILES", "2")
    searches = plan(4, 5, seed=6)
    assert [search.files for search in searches] == [2, 3, 2, 4], "two are of more than one part"
    figures = soak(searches, 6, tmp_path, kill_every=2, restart_every=3, disturbed_seconds=8)
    assert figures["wrong"] == []
    assert sum(figures["ended"].values()) == len(searches)
    assert figures["kills"]
    assert figures["storage_restarts"]
    assert figures["faults"]


@pytest.mark.nightly
def test_many_jobs_of_many_files_under_faults_end_as_in_a_clean_run(tmp_path: Path) -> None:
    figures = soak(plan(300, 200, seed=1), 1, tmp_path)
    assert figures["wrong"] == []
    assert sum(figures["ended"].values()) == 300


def test_a_plan_has_jobs_of_all_sizes_and_ends_and_is_the_same_again() -> None:
    searches = plan(300, 200, seed=1)
    assert searches == plan(300, 200, seed=1) != plan(300, 200, seed=2)
    assert {search.ends for search in searches} == {JobStatus.COMPLETED, JobStatus.FAILED}
    assert len({search.outfmt for search in searches}) == 4
    assert min(search.files for search in searches) == 1
    assert max(search.files for search in searches) > 150
