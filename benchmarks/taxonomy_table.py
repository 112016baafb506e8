"""Making and asking the taxonomy table: python -m benchmarks.taxonomy_table.

Writes a taxdump as large as NCBI's (2.6 million taxa), makes the table of it in a process of its own, and
looks up 1,000 taxids. Prints one JSON object: seconds, peak memory, bytes.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from blast_artifacts.tables.taxonomy import Taxonomy

TAXA = 2_600_000
ASKED = 1000
LEVELS = 30


def write_dump(folder: Path) -> None:
    """A random tree: a tenth of the taxa are inner nodes, as of NCBI's."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    inner = TAXA // 10
    with (folder / "nodes.dmp").open("w") as nodes, (folder / "names.dmp").open("w") as names:
        nodes.write("1\t|\t1\t|\tno rank\t|\t\t|\t8\t|\n")
        names.write("1\t|\troot\t|\t\t|\tscientific name\t|\n")
        for taxid in range(2, TAXA + 1):
            parent = chance.randint(max(1, taxid - inner // LEVELS), taxid - 1)
            parent = parent if taxid <= inner else chance.randint(1, inner)
            nodes.write(
                f"{taxid}\t|\t{parent}\t|\tspecies\t|\tXX\t|\t9\t|\t1\t|\t1\t|\t1\t|\t0\t|\t1\t|\t1\t|\t0\t|\t\t|\n"
            )
            names.write(f"{taxid}\t|\tGenus{taxid} species{taxid}\t|\t\t|\tscientific name\t|\n")
            if taxid % 2:
                names.write(f"{taxid}\t|\tGenus{taxid} species{taxid} Author, 1900\t|\t\t|\tauthority\t|\n")
    merged = range(TAXA + 1, TAXA + 90_001)
    (folder / "merged.dmp").write_text("".join(f"{taxid}\t|\t{taxid - TAXA}\t|\n" for taxid in merged))
    deleted = range(TAXA + 100_000, TAXA + 700_000)
    (folder / "delnodes.dmp").write_text("".join(f"{taxid}\t|\n" for taxid in deleted))


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, table = Path(place), Path(place) / "taxonomy.parquet"
        write_dump(folder)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "blast_artifacts", "taxonomy", str(folder), "--out", str(table)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        made = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        taxonomy = Taxonomy.opened(table)
        begin = time.perf_counter()
        found = taxonomy.of(range(2, TAXA, TAXA // ASKED))
        looked_up = time.perf_counter() - begin
        begin = time.perf_counter()
        below = len(taxonomy.below(2))
        figures = {
            "make_seconds": round(made, 1),
            "make_peak_mb": round(peak),
            "table_mb": round(table.stat().st_size / 1e6, 1),
            "lineages": len(found),
            "lookup_seconds": round(looked_up, 2),
            "below": below,
            "below_seconds": round(time.perf_counter() - begin, 2),
        }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
