"""Extract the sample sequences from the entries in Debian's emboss-test: FASTA and a taxid map of each kind.

Run `python -m tests.data.extract` where that package is installed; README.md beside this file says more.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ENTRIES = Path("/usr/share/EMBOSS/test")
SEQUENCES = Path(__file__).parent / "sequences"
LONGEST_NUCLEOTIDE = 10_000

_DESCRIPTION = re.compile(r"(?:RecName|SubName): Full=([^;]+);")
_TAXON = re.compile(r"NCBI_TaxID=(\d+)|/db_xref=\"taxon:(\d+)\"")


@dataclass(frozen=True)
class Entry:
    """A sequence as its flat-file entry has it; `taxid` is null where the entry names none."""

    id: str
    title: str
    taxid: int | None
    sequence: str

    def fasta(self) -> str:
        return f">{self.id} {self.title}\n" + "\n".join(textwrap.wrap(self.sequence, 60)) + "\n"


def blocks(path: Path) -> Iterator[list[str]]:
    """The lines of each entry of a flat file, without its `//`."""
    lines: list[str] = []
    for line in path.read_text("latin-1").splitlines():
        if line.startswith("//"):
            yield lines
            lines = []
        else:
            lines.append(line)


def text_of(lines: list[str], code: str) -> str:
    """The text of all lines of one code, joined."""
    return " ".join(line[5:].strip() for line in lines if line.startswith(code + "   "))


def sequence_of(lines: list[str]) -> str:
    """The letters below `SQ`; empty for a constructed entry, which has none of its own."""
    start = next((n for n, line in enumerate(lines) if line.startswith("SQ   ")), len(lines))
    return re.sub(r"[^A-Za-z]", "", "".join(lines[start + 1 :])).upper()


def taxid_of(lines: list[str]) -> int | None:
    match = _TAXON.search(text_of(lines, "OX")) or _TAXON.search(text_of(lines, "FT"))
    return int(match[1] or match[2]) if match else None


def protein(lines: list[str]) -> Entry:
    """A UniProtKB entry, with the id and title that UniProt's own FASTA gives it."""
    name, status = lines[0][5:].split()[:2]
    accession = text_of(lines, "AC").split(";")[0]
    database = "sp" if status == "Reviewed;" else "tr"
    description = _DESCRIPTION.search(text_of(lines, "DE"))
    if description is None:
        raise ValueError(f"{name} has no recommended or submitted name")
    title = f"{description[1]} OS={text_of(lines, 'OS').rstrip('.')}"
    return Entry(f"{database}|{accession}|{name}", title, taxid_of(lines), sequence_of(lines))


def nucleotide(lines: list[str]) -> Entry:
    """An EMBL entry; its id is accession.version."""
    accession, version = lines[0][5:].split("; ")[:2]
    identifier = f"{accession}.{version.removeprefix('SV ')}"
    return Entry(identifier, text_of(lines, "DE").rstrip("."), taxid_of(lines), sequence_of(lines))


def write(kind: str, entries: Iterable[Entry]) -> None:
    """Write `{kind}.fa` and `{kind}.taxids.txt`, in the order of the entries."""
    kept = list(entries)
    (SEQUENCES / f"{kind}.fa").write_text("".join(entry.fasta() for entry in kept), "ascii")
    taxids = "".join(f"{entry.id} {entry.taxid}\n" for entry in kept if entry.taxid is not None)
    (SEQUENCES / f"{kind}.taxids.txt").write_text(taxids, "ascii")


def main() -> None:
    SEQUENCES.mkdir(exist_ok=True)
    uniprot = (ENTRIES / "swiss/seq.dat", ENTRIES / "swnew/trembl.dat")
    write("proteins", (protein(lines) for path in uniprot for lines in blocks(path)))
    embl = (nucleotide(lines) for path in sorted((ENTRIES / "embl").glob("*.dat")) for lines in blocks(path))
    write("nucleotides", (entry for entry in embl if 0 < len(entry.sequence) <= LONGEST_NUCLEOTIDE))


if __name__ == "__main__":
    main()
