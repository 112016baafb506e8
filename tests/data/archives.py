"""Record real BLAST+ archives (`-outfmt 11`), and the same searches in the formats to compare them with.

Run `python -m tests.data.archives` where BLAST+ is installed; archives/README.md says more.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent / "archives"
COLUMNS = "std qlen slen nident positive gaps ppos qframe sframe sstrand score qseq sseq stitle staxids"
TABLE = {"6": f"6 {COLUMNS}"}
EVERY = {"5": "5", "6": f"6 {COLUMNS}", "7": f"7 {COLUMNS}", "10": f"10 {COLUMNS}", "15": "15", "16": "16"}

_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
_GENE_OF_ACIDS = "GCTTGTGATGAATTTGGTCATATTAAACTGATGAATCCTCAACGTTCTACTGTTTGGTAT"
_CODONS = dict(zip(_ACIDS, re.findall("...", _GENE_OF_ACIDS), strict=True))
_COMPLEMENT = str.maketrans("ACGT", "TGCA")

EVERY_FORMAT = {
    "blastn": "blastn -query n.fa -db nuc -task blastn -evalue 1",
    "blastp": "blastp -query p.fa -db prot -evalue 1",
    "blastx": "blastx -query n.fa -db prot -evalue 1e-3",
    "tblastn": "tblastn -query p.fa -db nuc -evalue 1e-3",
    "tblastx": "tblastx -query n.fa -db nuc -evalue 1e-3 -max_hsps 4",
}
"""Searches that are recorded in every format."""

TABLE_ONLY = {
    "blastn-ungapped": "blastn -query n.fa -db nuc -task blastn -ungapped -evalue 1",
    "blastp-ungapped": "blastp -query p.fa -db prot -ungapped -comp_based_stats F -evalue 1",
    "blastx-ungapped": "blastx -query n.fa -db prot -ungapped -comp_based_stats F -evalue 1",
    "blastn-subject": "blastn -query n.fa -subject nuc.fa -task blastn -evalue 1",
    "blastp-subject": "blastp -query p.fa -subject prot.fa -evalue 1 -comp_based_stats F",
    "tblastn-subject": "tblastn -query p.fa -subject nuc.fa -evalue 1e-3 -comp_based_stats F",
    "tblastx-subject": "tblastx -query n.fa -subject nuc.fa -evalue 1e-3 -max_hsps 2",
    "blastn-numbered": "blastn -query n.fa -db plain -evalue 1",
    "blastn-range": "blastn -query n.fa -db nuc -query_loc 101-400 -max_target_seqs 3",
    "blastx-range": "blastx -query n.fa -db prot -query_loc 101-400 -evalue 1e-3",
    "blastp-parsed": "blastp -query ids.fa -db ids -parse_deflines -evalue 1e-20 -comp_based_stats F",
    "psiblast": "psiblast -query p.fa -db prot -num_iterations 2 -evalue 1e-3",
    "rpsblast": "rpsblast -query p.fa -db profiles -evalue 1",
    "chunks": "blastn -query n.fa -db nuc -task blastn -evalue 1e-3",
    "no-hits": "blastn -query none.fa -db nuc -evalue 1e-9",
}
"""Searches that are recorded as an archive and a table; `chunks` with a batch a query."""


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with TemporaryDirectory() as folder:
        work = Path(folder)
        make_sequences(work)
        make_databases(work)
        for name, command in EVERY_FORMAT.items():
            record(name, command, EVERY | {"11": "11"}, work)
        for name, command in TABLE_ONLY.items():
            record(name, command, TABLE | {"11": "11"}, work)
        failed = "blastn -query bad.fa -db nuc -parse_deflines -outfmt 11"
        store(
            "failed.outfmt11",
            subprocess.run(failed.split(), cwd=work, capture_output=True, check=False).stdout,
        )


def record(name: str, command: str, formats: dict[str, str], work: Path) -> None:
    """One search in several formats."""
    environment = {**os.environ, **({"BATCH_SIZE": "500"} if name == "chunks" else {})}
    words = command.split()
    words[0] = shutil.which(words[0]) or f"{words[0]}+"
    for number, outfmt in formats.items():
        line = [*words, "-outfmt", outfmt]
        done = subprocess.run(line, cwd=work, capture_output=True, check=True, env=environment)
        store(f"{name}.outfmt{number}", done.stdout)


def store(name: str, output: bytes) -> None:
    """Keep a result, gzipped without a time stamp."""
    (FOLDER / f"{name}.gz").write_bytes(gzip.compress(output, 9, mtime=0))


def make_sequences(work: Path) -> None:
    """A protein and its gene, on the plus and on the minus strand, and mutated copies to search them in."""
    chance = random.Random(1102)
    protein = "".join(chance.choice(_ACIDS) for _ in range(150))
    gene = letters(chance, 30) + "".join(_CODONS[acid] for acid in protein) + letters(chance, 30)
    family = [mutated(chance, protein, _ACIDS, 0.05 + 0.08 * step) for step in range(5)]
    genes = [
        letters(chance, 50 + step) + mutated(chance, gene, "ACGT", 0.02 + 0.02 * step) + letters(chance, 40)
        for step in range(4)
    ]
    genes = [turned(text) if step % 2 else text for step, text in enumerate(genes)]
    repeats = "".join(mutated(chance, gene[100:160], "ACGT", 0.02) + letters(chance, 60) for _ in range(6))
    write(
        work / "n.fa", {'n1 plus "strand"': gene, "n2 none": letters(chance, 300), "n3 minus": turned(gene)}
    )
    write(work / "p.fa", {"p1 first protein": protein, "p2 none": "".join(reversed(protein))})
    write(work / "none.fa", {"n2 none": letters(chance, 300)})
    write(work / "bad.fa", {"gnl|MYDB|q2|x": gene})
    write(work / "prot.fa", {f'prot{n} family member {n}, a "title"': text for n, text in enumerate(family)})
    nucleotides = {f"nuc{n} gene {n}": text for n, text in enumerate(genes)}
    write(work / "nuc.fa", nucleotides | {"nuc4 repeats": repeats})
    names = (
        "ref|NP_000001.2|", "gb|AAA12345.1|LOCX", "pdb|1ABC|A", "gnl|CDD|189019", "gnl|MYDB|tag_x",
        "prf||1234567A", "pir||A12345", "lcl|77", "pat|US|RE33188|1", "sp|P01563.2|IFNA2_HUMAN",
        "tr|Q6GZX4|Q6GZX4_FRG3G", "lcl|two.1", "tpg|DAA12345.1|", "pdb|2ABC|AA",
    )  # fmt: skip
    ids = {
        f"{name} member": mutated(chance, protein, _ACIDS, 0.01 + 0.01 * n) for n, name in enumerate(names)
    }
    write(work / "ids.fa", ids)


def make_databases(work: Path) -> None:
    """Databases with parsed ids, one without, and one of profiles."""
    for name, kind in (("prot", "prot"), ("nuc", "nucl"), ("ids", "prot")):
        run(work, f"makeblastdb -in {name}.fa -dbtype {kind} -parse_seqids -out {name}")
    run(work, "makeblastdb -in nuc.fa -dbtype nucl -out plain")
    run(work, "psiblast -query p.fa -db prot -num_iterations 2 -out_pssm p.smp -save_pssm_after_last_round")
    # The second query has no profile; BLAST names the first p.smp all the same.
    profiles = sorted(file.name for file in work.glob("p.smp*"))
    (work / "profiles.pn").write_text("".join(f"{name}\n" for name in profiles[:1]))
    run(work, "makeprofiledb -in profiles.pn -out profiles -title profiles")


def run(work: Path, command: str) -> None:
    """A command of BLAST+ in the working folder."""
    subprocess.run(command.split(), cwd=work, check=True, capture_output=True)


def write(path: Path, records: dict[str, str]) -> None:
    """A FASTA file."""
    path.write_text("".join(f">{title}\n{text}\n" for title, text in records.items()), "ascii")


def letters(chance: random.Random, count: int) -> str:
    """Random nucleotides."""
    return "".join(chance.choice("ACGT") for _ in range(count))


def turned(text: str) -> str:
    """The other strand."""
    return text.translate(_COMPLEMENT)[::-1]


def mutated(chance: random.Random, text: str, alphabet: str, rate: float) -> str:
    """A copy with substitutions, and a tenth as many insertions and deletions."""
    return "".join(_copied(chance, text, alphabet, rate))


def _copied(chance: random.Random, text: str, alphabet: str, rate: float) -> Iterator[str]:
    for letter in text:
        fate = chance.random()
        if fate < 0.05 * rate:
            continue
        if fate < 0.1 * rate:
            yield "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 4)))
        yield chance.choice(alphabet) if chance.random() < rate else letter


if __name__ == "__main__":
    main()
