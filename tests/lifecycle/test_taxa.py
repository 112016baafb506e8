"""The taxonomy table of the app settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blast_artifacts.lifecycle import exports, taxa
from blast_artifacts.tables.taxdump import write_table
from shared.settings import settings
from tests.data.taxdumps import write_taxdump


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_the_table_that_the_settings_name_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "taxa.parquet"
    write_table(write_taxdump(tmp_path / "dump"), table)
    monkeypatch.setenv("TAXONOMY_FILE", str(table))
    settings.cache_clear()
    found = taxa.taxonomy()
    assert found is not None
    assert found.of([9606])[9606].node.name == "Homo sapiens"
    assert taxa.mark() == found.mark


def test_an_export_under_another_table_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = exports.key_of("input", "asked")
    assert exports.key_of("input", "asked") == bare
    table = tmp_path / "taxa.parquet"
    write_table(write_taxdump(tmp_path / "dump"), table)
    monkeypatch.setenv("TAXONOMY_FILE", str(table))
    settings.cache_clear()
    assert exports.key_of("input", "asked") != bare


def test_without_a_table_there_are_no_lineages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (taxa.taxonomy(), taxa.mark()) == (None, None)
    monkeypatch.setenv("TAXONOMY_FILE", str(tmp_path / "gone"))
    settings.cache_clear()
    assert (taxa.taxonomy(), taxa.mark()) == (None, None)
