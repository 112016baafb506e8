"""The plan of a fanned-out build as it is stored: written once, read by every part and by the merge.

What it says of the search and of the folder holds for the whole build, whatever changes beside it; each
result is read in the version that it names.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from blast_artifacts.lifecycle import results
from blast_artifacts.lifecycle.results import BlobSource
from blast_artifacts.reading.folder import Folder
from blast_artifacts.reading.hits import Source
from blast_artifacts.tables.query_fasta import QueryFasta
from blast_artifacts.terms import JobStatus
from blast_artifacts.views.plan import Plan
from blast_artifacts.views.result import Job
from shared import codec
from shared.settings import settings
from shared.storage import container

_FACTS = ("side_files", "success", "failure", "submitted", "program", "database", "options")


def store(folder: str, search: Job, plan: Plan, prefix: str) -> None:
    """Write the plan for results below `container/prefix/` into the build's folder."""
    found = plan.folder
    value = {
        "prefix": prefix,
        "search": asdict(replace(search, query_fasta=None)),
        "parts": [[[*_file(source), batch] for source, batch in files] for files in plan.parts],
        "superseded": [_file(source) for source in found.superseded],
        "query_batches": [[batch, *_file(source)] for batch, source in found.query_batches.items()],
        "exit_codes": list(found.exit_codes.items()),
        **{name: getattr(found, name) for name in _FACTS},
        "fasta": plan.fasta and asdict(plan.fasta),
        "orders": [[batch, asdict(records)] for batch, records in plan.orders.items()],
    }
    stored = codec.pack(codec.to_json(value))
    container(settings().artifacts_container).upload_blob(_path(folder), stored, overwrite=True)


def load(folder: str) -> tuple[Job, Plan]:
    """The search and the plan of a build, from its folder."""
    stored = container(settings().artifacts_container).download_blob(_path(folder)).readall()
    value = codec.from_json(codec.unpack(stored))

    def source(name: str, size: int, version: str) -> Source:
        container_name, below = results.split_prefix(value["prefix"])
        return BlobSource(name, size, version, below + name, container_name)

    parts = [[(source(*file), batch) for *file, batch in files] for files in value["parts"]]
    found = Folder(
        results=[result for files in parts for result in files],
        superseded=[source(*file) for file in value["superseded"]],
        query_batches={batch: source(*file) for batch, *file in value["query_batches"]},
        exit_codes=dict(value["exit_codes"]),
        **{name: value[name] for name in _FACTS},
    )
    fasta = value["fasta"] and QueryFasta(**value["fasta"])
    orders = {batch: QueryFasta(**records) for batch, records in value["orders"]}
    return _search(value["search"]), Plan(found, parts, fasta, orders)


def _search(value: dict[str, Any]) -> Job:
    return Job(**{**value, "status": value["status"] and JobStatus(value["status"])})


def _path(folder: str) -> str:
    return f"{folder}/plan.json.gz"


def _file(source: Source) -> list[Any]:
    return [source.name, source.size, source.version]
