"""Record real BLAST+ output of searches among the sample sequences, in several formats.

Run `python -m tests.data.record` where BLAST+ is installed; README.md beside this file says more.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from local.pipeline import blast, databases, fasta, sample

SEARCHES = sample.DATA / "searches"
LARGEST_PLAIN = 60_000
TEXT_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}]

TABULAR = "std staxids stitle qlen slen qcovs"
FORMATS = {
    "outfmt5.xml": "5",
    "outfmt6.tsv": f"6 {TABULAR}",
    "outfmt7.tsv": f"7 {TABULAR}",
    "outfmt10.csv": "10 std",
    "outfmt11.asn": "11",
    "outfmt15.json": "15",
    "outfmt16.xml": "16",
}
TRANSLATED = {name: FORMATS[name] for name in ("outfmt5.xml", "outfmt7.tsv", "outfmt15.json")}

PAIRWISE = sample.DATA / "pairwise"
ALIGNED = (
    "6 qseqid sseqid qstart qend sstart send qframe sframe evalue bitscore nident positive gaps qseq sseq"
)
COMPLEMENT = str.maketrans("ACGT", "TGCA")

PROTEINS = ("P08100", "P69905", "P61949", "P26367", "P53486", "P01563")
NUCLEOTIDES = ("U23808.2", "L07770.1", "J01636.1", "X51872.1", "X65921.1", "Z52466.1")


def pick(fasta_file: Path, names: tuple[str, ...]) -> str:
    """The records of these accessions, in the order given."""
    by_name = {
        part: record
        for record in fasta.records(fasta_file.read_text("ascii"))
        for part in record[1:].split(maxsplit=1)[0].split("|")
    }
    return "".join(by_name[name] for name in names)


def store(output: Path, target: Path) -> None:
    """Keep a result; a large one gzipped, without a time stamp."""
    if output.stat().st_size <= LARGEST_PLAIN:
        shutil.copyfile(output, target)
    else:
        packed = gzip.compress(output.read_bytes(), compresslevel=9, mtime=0)
        target.with_name(target.name + ".gz").write_bytes(packed)


def record(
    program: str, database: str, query: str, formats: Mapping[str, str], work: Path, **options: object
) -> None:
    """One search in every format given, into `searches/{program}/` with its query."""
    folder = SEARCHES / program
    folder.mkdir(parents=True)
    (folder / "query.fa").write_text(query, "ascii")
    for name, outfmt in formats.items():
        run(program, database, folder / "query.fa", work / name, options | {"outfmt": outfmt})
        store(work / name, folder / name)


def run(program: str, database: str, query: Path, output: Path, options: Mapping[str, object]) -> None:
    """Run BLAST+ where the databases are, which is where the output goes too."""
    words = blast.command(program, database, str(query), str(output), options)
    # More threads may give tied hits another order.
    words[words.index("-num_threads") + 1] = "1"
    subprocess.run(words, cwd=output.parent, check=True)


def record_sample(work: Path) -> None:
    """The demo's search, a file a batch, as the local pipeline would leave it."""
    sample.RECORDED.mkdir(parents=True)
    for number, batch in enumerate(sample.batches()):
        query, output = work / "query.fa", work / "out"
        query.write_text(batch, "ascii")
        run(sample.PROGRAM, sample.DATABASE, query, output, sample.OPTIONS)
        sample.recorded_file(number).write_bytes(lzma.compress(output.read_bytes(), filters=TEXT_FILTERS))


def record_pairwise(work: Path) -> None:
    """Searches with long gaps, minus strands and all frames: BLAST's own pairwise report, and its rows."""
    records = {
        "protein": pick(sample.SEQUENCES / "proteins.fa", ("P08100",)),
        "nucleotide": pick(sample.SEQUENCES / "nucleotides.fa", ("L07770.1",)),
    }
    letters = {kind: "".join(record.splitlines()[1:]) for kind, record in records.items()}
    protein, minus = letters["protein"], letters["nucleotide"][::-1].translate(COMPLEMENT)
    queries = {
        "protein": ">inserted\n" + protein[:170] + "GSTSGA" * 24 + protein[170:] + "\n",
        "nucleotide": ">inserted minus\n" + minus[:700] + "GATTACA" * 25 + minus[705:] + "\n",
    }
    shutil.rmtree(PAIRWISE, ignore_errors=True)
    PAIRWISE.mkdir()
    for program, (kind, database, options) in PAIRWISE_SEARCHES.items():
        query = work / f"{program}.fa"
        query.write_text(queries[kind], "ascii")
        few = {"evalue": 1e-5, "max_target_seqs": 5, "max_hsps": 4, **options}
        for name, outfmt in (("outfmt0.txt", "0"), ("outfmt6.tsv", ALIGNED)):
            output = work / f"{program}.{name}"
            run(program, database, query, output, few | {"outfmt": outfmt})
            shutil.copyfile(output, PAIRWISE / output.name)


WIDE_GAPS = {"xdrop_gap_final": 300, "gapextend": 1}
PAIRWISE_SEARCHES: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "blastn": ("nucleotide", "sample-nucleotides", {"task": "blastn", "xdrop_gap_final": 400}),
    "blastp": ("protein", "sample-proteins", WIDE_GAPS),
    "blastx": ("nucleotide", "sample-proteins", WIDE_GAPS),
    "tblastn": ("protein", "sample-nucleotides", WIDE_GAPS),
    "tblastx": ("nucleotide", "sample-nucleotides", {}),
}


def main() -> None:
    proteins = pick(sample.SEQUENCES / "proteins.fa", PROTEINS)
    nucleotides = pick(sample.SEQUENCES / "nucleotides.fa", NUCLEOTIDES)
    shutil.rmtree(SEARCHES, ignore_errors=True)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for database in databases.SAMPLES:
            databases.stage(database, work)
        record("blastp", "sample-proteins", proteins, FORMATS, work)
        record("blastn", "sample-nucleotides", nucleotides, FORMATS, work, task="blastn")
        record("tblastn", "sample-nucleotides", proteins, TRANSLATED, work, evalue=1e-3)
        record("blastx", "sample-proteins", nucleotides, TRANSLATED, work, evalue=1e-3)
        record_sample(work)
        record_pairwise(work)


if __name__ == "__main__":
    main()
