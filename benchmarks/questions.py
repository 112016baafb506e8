"""Questions to a large result: python -m benchmarks.questions [HSPS [FOLDER]].

Makes a search of 3 million made-up HSPs (or so many) in 40 tabular files, builds it, and asks for filtered
and sorted pages of pairs and of HSPs, each in a process of its own. Prints one JSON object: of each question
the median and the 95th percentile in ms with the columns in memory, the first answer, without them, and the
most memory that the process took. In a FOLDER the search stays for the next time.
"""

from __future__ import annotations

import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from benchmarks import measured
from blast_artifacts.files import find_sources
from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.build import Job, build_result

HSPS = 3_000_000
FILES = 40
ANSWERS = 21
SPEC = (
    "6 qseqid sseqid pident length mismatch gapopen qstart qend sstart send evalue bitscore qlen slen staxids"
    " sscinames stitle"
)
QUESTIONS = {
    "descriptions": [
        {"max_evalue": "1e-20", "sort": "total_score", "order": "desc"},
        {"min_identity": "90", "min_query_cover": "50", "sort": "evalue"},
        {"taxid": "1007", "sort": "per_ident", "order": "desc"},
        {"min_identity": "90"},
    ],
    "alignments": [
        {"max_evalue": "1e-20", "sort": "bitscore", "order": "desc"},
        {"min_identity": "90", "min_query_cover": "50", "sort": "evalue"},
        {"organism": "species 7", "sort": "pident", "order": "desc"},
        {"min_identity": "90"},
    ],
}


def write_search(folder: Path, hsps: int) -> None:
    """Files of outfmt 6, each with its share of the HSPs: 600 a query, some pairs with two."""
    share = hsps // FILES
    for number in range(FILES):
        with gzip.open(folder / f"batch_{number:03d}-blastn-db.out.gz", "wb", compresslevel=1) as file:
            _hits(number * share, share).write_csv(
                cast("IO[bytes]", file), separator="\t", include_header=False
            )


def _hits(first: int, count: int) -> pl.DataFrame:
    place = pl.int_range(first, first + count)

    def chance(seed: int, values: int) -> pl.Expr:
        return (place.hash(seed) % values).cast(pl.Int64)

    query, pair = place // 600, place * 3 // 4
    subject = (pair.hash(1) % 400_000).cast(pl.Int64)
    taxon, start = subject % 300, chance(2, 100) + 1
    length = chance(3, 800) + 30
    return pl.select(
        pl.format("query{}", query),
        subject=pl.format("NC_{}.1", subject),
        identity=60 + chance(4, 40_000) / 1000,
        length=length,
        mismatches=pl.lit(3),
        gaps=pl.lit(1),
        start=start,
        end=start + length - 1,
        subject_start=chance(5, 90_000) + 1,
        subject_end=chance(6, 90_000) + 1,
        evalue=pl.format("{}e-{}", chance(7, 9) + 1, chance(8, 180) + 3),
        bits=30 + chance(9, 18_000) / 10,
        query_length=pl.lit(1000),
        subject_length=pl.lit(100_000),
        taxid=taxon + 1000,
        name=pl.format("Genus species {}", taxon),
        title=pl.format("Genus species {} chromosome {}, whole genome shotgun sequence", taxon, subject),
    )


def ask(folder: Path, table: str, asked: dict[str, str]) -> dict[str, Any]:
    """The figures of one question, in this process."""
    import orjson

    from blast_artifacts.views import resident
    from blast_artifacts.views.answer import answer
    from blast_artifacts.views.parts import scan
    from blast_artifacts.views.question import parse_question

    default = orjson.loads(gzip.decompress((folder / f"{table}.json.gz").read_bytes()))
    parts = sorted((folder / "parts").glob("*.hits.parquet"))
    named = [
        {name: part.with_name(part.name.replace("hits", name)) for name in ("hits", "pairs", "queries")}
        for part in parts
    ]
    question = parse_question(ArtifactType(f"result_{table}"), asked)
    taken = []
    for _ in range(1 + ANSWERS):
        began = time.perf_counter()
        page = answer(question, default, scan(named), "benchmark")
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "table": table,
        "asked": asked,
        "filtered": page["filtered"],
        "first_ms": round(taken[0], 1),
        "p50_ms": round(statistics.median(taken[1:]), 1),
        "p95_ms": round(statistics.quantiles(taken[1:], n=20)[-1], 1),
        "columns_mb": round(resident.bytes_held() / 1e6),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def build(folder: Path, hsps: int) -> None:
    """Build the search below the folder."""
    (folder / "search").mkdir(parents=True)
    write_search(folder / "search", hsps)
    (folder / "parts").mkdir()
    built = build_result(
        Job("benchmark"),
        find_sources(folder / "search", alone=True),
        folder / "parts",
        outfmt=parse_outfmt(SPEC),
    )
    for kind, content in built.artifacts.items():
        (folder / f"{kind.removeprefix('result_')}.json.gz").write_bytes(gzip.compress(content, 1))


def main() -> int:
    """Build once; ask each question in a process of its own, so that its memory is its own."""
    if sys.argv[1:2] == ["ask"]:
        print(json.dumps(ask(Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4]))))
        return 0
    hsps = int(sys.argv[1]) if len(sys.argv) > 1 else HSPS
    with nullcontext(sys.argv[2]) if len(sys.argv) > 2 else tempfile.TemporaryDirectory() as place:
        if not Path(place, "parts").is_dir():
            build(Path(place), hsps)
        answers = [
            _asked(place, table, asked) for table, questions in QUESTIONS.items() for asked in questions
        ]
        parts = len(list(Path(place, "parts").glob("*.hits.parquet")))
        total = json.loads(gzip.decompress(Path(place, "alignments.json.gz").read_bytes()))["total"]
    measured.say({"hsps": total, "parts": parts, "answers": answers})
    return 0


def _asked(place: str, table: str, asked: dict[str, str]) -> dict[str, Any]:
    command = measured.module("benchmarks.questions", "ask", place, table, json.dumps(asked))
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


if __name__ == "__main__":
    sys.exit(main())
