"""Results built for tests, from cases and from files made in the test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from blast_artifacts.files import FileSource, find_sources
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.build import Built, Job, build_result
from blast_artifacts.views.models import ARTIFACTS

CASES = Path(__file__).parents[1] / "data" / "cases"
LOCAL = Job("local-build")


def build(path: Path, job: Job = LOCAL, **options: Any) -> Built:
    """A file or folder, built; every artifact is checked against its model."""
    sources = [FileSource(path, path.name)] if path.is_file() else find_sources(path, alone=True)
    with TemporaryDirectory() as folder:
        built = build_result(job, sources, Path(folder), **options)
    assert built.failed == {}
    for kind, content in built.artifacts.items():
        ARTIFACTS[kind].model_validate(orjson.loads(content))
    return built


def artifact(built: Built, kind: ArtifactType) -> Any:
    return orjson.loads(built.artifacts[kind])


def codes(built: Built) -> set[str]:
    return {warning["code"] for warning in built.summary["warnings"]}


def folder_of(place: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files, by their paths in it."""
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def outfmt7(queries: Mapping[str, list[tuple[str, float]]]) -> str:
    """What BLAST prints for these queries, each with its (subject, bits) rows; `std` and taxids."""
    lines: list[str] = []
    for query, rows in queries.items():
        lines += ["# BLASTN 2.12.0+", f"# Query: {query}", "# Database: db"]
        if rows:
            lines.append(f"# Fields: {FIELDS}")
        lines.append(f"# {len(rows)} hits found")
        lines += [outfmt6_row(query, subject, bits) for subject, bits in rows]
    lines.append(f"# BLAST processed {len(queries)} queries")
    return "\n".join(lines) + "\n"


FIELDS = (
    "query acc.ver, subject acc.ver, % identity, alignment length, mismatches, gap opens, q. start, q. end,"
    " s. start, s. end, evalue, bit score, subject tax ids"
)


def outfmt6_row(query: str, subject: str, bits: float, taxids: str = "\t9606") -> str:
    return f"{query}\t{subject}\t99.0\t100\t1\t0\t1\t100\t11\t110\t1e-30\t{bits}{taxids}"
