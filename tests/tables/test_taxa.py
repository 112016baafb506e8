from __future__ import annotations

import pytest

from blast_artifacts.tables.taxa import read_taxa
from tests.tables.made import grouped, hits, pair


@pytest.mark.parametrize(
    ("staxids", "sscinames", "taxids", "names"),
    [
        ("9606", "Homo sapiens", [9606], ["Homo sapiens"]),
        ("10090;9606;0;9606", None, [9606, 10090], None),
        ("10090;9606", "Mus musculus;Homo sapiens", [9606, 10090], ["Homo sapiens", "Mus musculus"]),
        ("9606;10090", "Homo sapiens", [9606, 10090], None),
        ("9606", "9606", [9606], None),
        ("0", "N/A", None, None),
        ("N/A", None, None, None),
        (None, None, None, None),
        ("", "", None, None),
        ("99999999999999999999;9606", None, [9606], None),
        ("99999999999999999999", None, None, None),
        ("2147483648", "Nothing", None, None),
    ],
)
def test_taxids_are_a_set_and_names_are_kept_only_one_to_one(
    staxids: str | None, sscinames: str | None, taxids: list[int] | None, names: list[str] | None
) -> None:
    assert read_taxa(staxids, sscinames) == (taxids, names)


def test_the_taxids_of_merged_records_stand_for_a_missing_column() -> None:
    members = [{"id": "a", "title": None, "taxid": taxid} for taxid in (10090, 9606, 0, None)]
    assert pair({"deflines": members})["taxids"] == [9606, 10090]


def test_a_subject_without_taxids_stays_among_those_with() -> None:
    found = grouped(hits({"staxids": "9606"}, {"sseqid": "s2", "staxids": "N/A"}, {"sseqid": "s3"}))
    assert found["taxids"].to_list() == [[9606], None, None]
