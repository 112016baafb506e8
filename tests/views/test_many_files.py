"""A job of as many files as ElasticBLAST leaves at most."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from blast_artifacts.files import find_sources
from blast_artifacts.views.build import build_result
from tests.views.built import LOCAL, folder_of, outfmt7

FILES = 5000
ROWS = [("a", 90.0), ("b", 50.0)]


def _peak_of_building(folder: Path) -> tuple[int, int, bool]:
    """HSPs, the most memory that the process held in MB, and whether all was read."""
    import resource  # there is none on Windows

    with TemporaryDirectory() as out:
        built = build_result(LOCAL, find_sources(folder, alone=True), Path(out))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return built.summary["hsps"], peak, built.complete


@pytest.mark.nightly
def test_five_thousand_files_fit_in_memory(tmp_path: Path) -> None:
    folder_of(tmp_path, {f"batch_{n:03d}-blastn-db.out": outfmt7({f"q{n}": ROWS}) for n in range(FILES)})
    with get_context("spawn").Pool(1) as pool:
        hsps, peak, complete = pool.apply(_peak_of_building, (tmp_path,))
    assert (hsps, complete) == (2 * FILES, True)
    assert peak <= 500
