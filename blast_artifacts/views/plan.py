"""What a build is going to read, known before any result is: files in parts, and the submitted queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from blast_artifacts.reading.folder import Folder, open_folder
from blast_artifacts.reading.hits import Source
from blast_artifacts.reading.outfmt import OutfmtSpec, parse_outfmt
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables.part import plan_parts
from blast_artifacts.tables.query_fasta import QueryFasta, joined, read_query_fasta
from blast_artifacts.views.result import Job

Iteration = int | Literal["last", "all"]


@dataclass(frozen=True, slots=True)
class Formats:
    """How files are to be read where they do not tell: `outfmt` all of them, `single` some by name."""

    iteration: Iteration = "last"
    outfmt: OutfmtSpec | None = None
    single: Mapping[str, OutfmtSpec] = field(default_factory=dict)

    @property
    def marks(self) -> list[str]:
        """What they are, for a fingerprint."""
        return [str(self.iteration), repr(self.outfmt), repr(sorted(self.single.items()))]


@dataclass(frozen=True, slots=True)
class Plan:
    """The folder sorted out, its results in parts, and the records of the query FASTA.

    `parts` has (file, batch) of each part; `orders` the records of each batch of which it is known which they
    are, `fasta` all that were submitted.
    """

    folder: Folder
    parts: list[list[tuple[Source, int]]]
    fasta: QueryFasta | None = None
    orders: dict[int, QueryFasta] = field(default_factory=dict)

    def formats(
        self,
        job: Job,
        iteration: Iteration = "last",
        outfmt: OutfmtSpec | None = None,
        single: Mapping[str, OutfmtSpec] | None = None,
    ) -> Formats:
        """With what the job or the pipeline's configuration asked for, where nothing else is said."""
        return Formats(iteration, outfmt or _asked(job, self.folder), single or {})

    def read_options(self, job: Job, formats: Formats, source: Source) -> ReadOptions:
        folder = self.folder
        inside_job = job.status is not None or folder.success or folder.failure is not None
        program = job.program or folder.program
        outfmt = formats.single.get(source.name, formats.outfmt)
        return ReadOptions(outfmt, formats.iteration, inside_job, program)


def plan_build(job: Job, sources: Sequence[Source]) -> Plan:
    """Sorts a whole listing out; reads only side files and queries. Errors of the storage are raised."""
    folder = open_folder(sources)
    fasta, orders = _submitted_queries(job, folder)
    return Plan(folder, plan_parts(folder.results) or [[]], fasta, orders)


def _asked(job: Job, folder: Folder) -> OutfmtSpec | None:
    value = job.options.get("outfmt", folder.options.get("outfmt"))
    try:
        return parse_outfmt(value) if isinstance(value, str | int | list) else None
    except ValueError:
        return None


def _submitted_queries(job: Job, folder: Folder) -> tuple[QueryFasta | None, dict[int, QueryFasta]]:
    """All submitted queries, and those of each batch where it is known which they are."""
    orders = {batch: read_query_fasta(source) for batch, source in folder.query_batches.items()}
    batches = {batch for _, batch in folder.results}
    if job.query_fasta is None:
        return (joined(list(orders.values())) if orders else None), orders
    fasta = read_query_fasta(job.query_fasta)
    if not orders and len(batches) == 1:
        orders = {batches.pop(): fasta}
    return fasta, orders
