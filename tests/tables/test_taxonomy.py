"""The lookup table of names and lineages, made of NCBI's taxdump."""

from __future__ import annotations

import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from blast_artifacts.tables.taxdump import FILES, NoTaxdump, write_table
from blast_artifacts.tables.taxonomy import NoTable, Taxonomy
from tests.data.taxdumps import DELETED, NODES, write_taxdump


@pytest.fixture
def taxonomy(tmp_path: Path) -> Taxonomy:
    write_table(write_taxdump(tmp_path / "dump"), tmp_path / "taxonomy.parquet")
    return Taxonomy.opened(tmp_path / "taxonomy.parquet")


def parents(taxid: int) -> list[int]:
    above: list[int] = []
    while (taxid := NODES[taxid][0]) != 1:
        above.insert(0, taxid)
    return above


def test_a_taxon_has_its_name_rank_blast_name_and_lineage(taxonomy: Taxonomy) -> None:
    found = taxonomy.of([9606, 562])
    human, coli = found[9606], found[562]
    assert (human.node.name, human.node.rank, human.common_name) == ("Homo sapiens", "species", "human")
    assert (human.blast_name, coli.blast_name) == ("primates", "proteobacteria")
    assert [node.name for node in coli.lineage] == [
        "cellular organisms", "Bacteria", "Pseudomonadota", "Escherichia",
    ]  # fmt: skip


def test_every_lineage_is_that_of_the_nodes(taxonomy: Taxonomy) -> None:
    for taxid, taxon in taxonomy.of(NODES).items():
        assert [node.taxid for node in taxon.lineage] == ([] if taxid == 1 else parents(taxid))


def test_a_merged_taxid_is_what_it_was_merged_into(taxonomy: Taxonomy) -> None:
    assert taxonomy.of([469598])[469598].node.taxid == 562


def test_deleted_and_unheard_of_taxids_are_not_there(taxonomy: Taxonomy) -> None:
    assert taxonomy.of([*DELETED, 12345678, 9606]).keys() == {9606}


def test_below_a_taxon_lie_its_descendants_and_what_was_merged_into_them(taxonomy: Taxonomy) -> None:
    assert set(taxonomy.below(9605)) == {9605, 9606, 63221, 66861}
    assert set(taxonomy.below(469598)) == {562, 83333, 469598}
    assert set(taxonomy.below(12345678)) == {12345678}
    assert set(taxonomy.below(1)) == {*NODES, 469598, 66861}


def test_taxa_are_found_by_a_part_of_their_name(taxonomy: Taxonomy) -> None:
    assert set(taxonomy.named("homo")) == {9605, 9606, 63221, 66861}


@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
def test_a_taxdump_may_be_packed(tmp_path: Path, ending: str) -> None:
    folder = write_taxdump(tmp_path / "dump")
    packed = tmp_path / f"taxdump.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for name in FILES:
                archive.write(folder / name, name)
    else:
        with tarfile.open(packed, "w:gz") as tar:
            for name in FILES:
                tar.add(folder / name, f"./{name}")
    assert write_table(packed, tmp_path / "t.parquet") == len(NODES)


def test_what_is_no_taxdump_is_refused_and_leaves_no_table(tmp_path: Path) -> None:
    folder = write_taxdump(tmp_path / "dump")
    (folder / "merged.dmp").unlink()
    with pytest.raises(NoTaxdump, match=r"has no merged\.dmp"):
        write_table(folder, tmp_path / "t.parquet")
    (tmp_path / "x.tar.gz").write_bytes(b"\x1f\x8bno")
    with pytest.raises(NoTaxdump, match="is no taxdump"):
        write_table(tmp_path / "x.tar.gz", tmp_path / "t.parquet")
    write_taxdump(folder)
    with (folder / "nodes.dmp").open("a") as file:
        file.write("77\t|\t78\t|\tspecies\t|\n78\t|\t77\t|\tgenus\t|\n")
    with pytest.raises(NoTaxdump, match="2 taxa that do not hang on its root"):
        write_table(folder, tmp_path / "t.parquet")
    assert not (tmp_path / "t.parquet").exists()


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"x" * 100)
    for path in (tmp_path / "t", tmp_path / "none"):
        with pytest.raises(NoTable):
            Taxonomy.opened(path)


def test_descendants_of_any_tree_are_those_of_its_parents(tmp_path: Path) -> None:
    chance = random.Random(7)
    parent = {1: 1} | {taxid: chance.randint(1, taxid - 1) for taxid in range(2, 300)}
    folder = write_taxdump(tmp_path / "dump")
    (folder / "nodes.dmp").write_text("".join(f"{t}\t|\t{p}\t|\tclade\t|\n" for t, p in parent.items()))
    (folder / "merged.dmp").write_text("")
    write_table(folder, tmp_path / "t.parquet")
    taxonomy = Taxonomy.opened(tmp_path / "t.parquet")
    below: dict[int, set[int]] = {taxid: {taxid} for taxid in parent}
    for taxid in sorted(parent, reverse=True)[:-1]:
        below[parent[taxid]] |= below[taxid]
    for taxid in parent:
        assert set(taxonomy.below(taxid)) == below[taxid]
