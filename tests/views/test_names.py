"""Names of organisms where the files have taxids alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from blast_artifacts.tables.schema import PAIRS
from blast_artifacts.tables.taxdump import write_table
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.names import with_names
from tests.data.taxdumps import write_taxdump
from tests.views.built import artifact, build, folder_of, outfmt7


def table(place: Path) -> Taxonomy:
    write_table(write_taxdump(place / "dump"), place / "taxonomy.parquet")
    return Taxonomy.opened(place / "taxonomy.parquet")


def test_the_table_names_what_the_format_does_not(tmp_path: Path) -> None:
    """A merged taxid has its present name; where the table lacks one of several there is no list of names."""
    told = [
        ([9606], None, ["Homo sapiens"]),
        ([562, 9606], None, ["Escherichia coli", "Homo sapiens"]),
        ([469598], None, ["Escherichia coli"]),
        ([9606], ["human"], ["human"]),
        ([77], None, None),
        ([77, 9606], None, None),
        ([99999999], None, None),
        (None, None, None),
    ]
    pairs = pl.DataFrame([{"taxids": taxids, "names": names} for taxids, names, _ in told], schema=PAIRS)
    named = with_names(pairs, table(tmp_path))
    assert named["names"].to_list() == [names for _, _, names in told]
    assert named.schema == pairs.schema
    assert with_names(pairs, None).equals(pairs)


def test_artifacts_bear_these_names(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "r", {"r.out": outfmt7({"q": [("s", 90.0)]})})
    built = build(folder, taxonomy=table(tmp_path))
    figures = artifact(built, ArtifactType.AGGREGATE)
    for rows in (
        artifact(built, ArtifactType.DESCRIPTIONS)["rows"],
        figures["best_hits"],
        figures["top_subjects"],
    ):
        assert [(row["subject"], row["taxids"], row["names"]) for row in rows] == [
            ("s", [9606], ["Homo sapiens"])
        ]
    without = artifact(build(folder), ArtifactType.DESCRIPTIONS)["rows"]
    assert without[0]["names"] is None
