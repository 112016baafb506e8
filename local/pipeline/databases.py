"""The sample databases, made by makeblastdb on first use."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from local.pipeline.failures import SearchFailed, first_line
from local.pipeline.sample import SEQUENCES

SAMPLES = {"sample-proteins": ("prot", "proteins"), "sample-nucleotides": ("nucl", "nucleotides")}


def stage(names: str, folder: Path) -> str:
    """Make the sample databases among `names` in `folder`, and describe what BLAST+ then finds there.

    BLAST+ runs in that folder: its arguments take a space in a path for the end of it. Raises SearchFailed
    (`blast_database`) where there is no such database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names.split():
        if name in SAMPLES:
            _make(name, folder)
    answer = _run(["blastdbcmd", "-info", "-db", names], folder)
    if answer.returncode:
        raise SearchFailed("blast_database", first_line(answer.stderr), 2)
    return " ".join(answer.stdout.partition("Date:")[0].removeprefix("Database:").split())


def _make(name: str, folder: Path) -> None:
    kind, sequences = SAMPLES[name]
    fasta, taxids = f"{sequences}.fa", f"{sequences}.taxids.txt"
    state = hashlib.sha256((SEQUENCES / fasta).read_bytes() + (SEQUENCES / taxids).read_bytes()).hexdigest()
    made = folder / f"{name}.made"
    if made.is_file() and made.read_text("ascii") == state:
        return
    for file in (fasta, taxids):
        shutil.copyfile(SEQUENCES / file, folder / file)
    command = ["makeblastdb", "-in", fasta, "-dbtype", kind, "-parse_seqids", "-taxid_map", taxids]
    answer = _run([*command, "-title", name, "-out", name], folder)
    if answer.returncode:
        raise SearchFailed("blast_database", first_line(answer.stderr), answer.returncode)
    made.write_text(state, "ascii")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise SearchFailed("blast_not_installed", f"{command[0]} of BLAST+ is not on the PATH") from error
