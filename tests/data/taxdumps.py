"""A small taxdump for tests: real taxa and ids of NCBI's, in the layout of its dump files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

NODES = {
    1: (1, "no rank", "root"), 131567: (1, "no rank", "cellular organisms"),
    2759: (131567, "superkingdom", "Eukaryota"), 7742: (2759, "clade", "Vertebrata"),
    40674: (7742, "class", "Mammalia"), 9443: (40674, "order", "Primates"),
    9604: (9443, "family", "Hominidae"),
    9605: (9604, "genus", "Homo"), 9606: (9605, "species", "Homo sapiens"),
    63221: (9606, "subspecies", "Homo sapiens neanderthalensis"), 9596: (9604, "genus", "Pan"),
    9598: (9596, "species", "Pan troglodytes"), 9989: (40674, "order", "Rodentia"),
    10088: (9989, "genus", "Mus"), 10090: (10088, "species", "Mus musculus"),
    2: (131567, "superkingdom", "Bacteria"), 1224: (2, "phylum", "Pseudomonadota"),
    561: (1224, "genus", "Escherichia"), 562: (561, "species", "Escherichia coli"),
    83333: (562, "strain", "Escherichia coli K-12"),
}  # fmt: skip
"""Taxid -> parent, rank, scientific name; levels that do not matter here are left out."""
BLAST_NAMES = {40674: "mammals", 9443: "primates", 9989: "rodents", 1224: "proteobacteria", 2: "bacteria"}
COMMON_NAMES = {9606: "human", 10090: "house mouse"}
MERGED = {469598: 562, 66861: 9605}
DELETED = (99999999,)


def write_taxdump(folder: Path) -> Path:
    """The four dump files that the table is made of."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [(taxid, name, "", "scientific name") for taxid, (_, _, name) in NODES.items()]
    names += [(taxid, name, f"{name} <x>", "blast name") for taxid, name in BLAST_NAMES.items()]
    names += [(taxid, name, "", "genbank common name") for taxid, name in COMMON_NAMES.items()]
    names += [(9606, 'Homo "sapiens" Linnaeus, 1758', "", "authority")]
    rows: dict[str, Sequence[tuple[object, ...]]] = {
        "nodes.dmp": [(taxid, parent, rank, "", "1") for taxid, (parent, rank, _) in NODES.items()],
        "names.dmp": names,
        "merged.dmp": list(MERGED.items()),
        "delnodes.dmp": [(taxid,) for taxid in DELETED],
    }
    for name, lines in rows.items():
        text = "".join("\t|\t".join(map(str, line)) + "\t|\n" for line in lines)
        (folder / name).write_text(text, "utf-8")
    return folder
