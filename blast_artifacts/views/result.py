"""One result as the views see it: the job, what was read, and the tables of all parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from blast_artifacts.reading.folder import Folder
from blast_artifacts.reading.hits import Report, Source
from blast_artifacts.tables.parquet import scan
from blast_artifacts.tables.part import Part
from blast_artifacts.tables.schema import HITS, PAIRS, QUERIES
from blast_artifacts.tables.sums import Sums
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import FileState, JobStatus, QueryStatus

ROUNDED_FORMATS = frozenset({"6", "7", "10", "20"})
QUERY_KEY = ("batch", "qindex", "iteration")


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of the search apart from its files; `status` is null outside a job."""

    job_id: str
    run: int = 1
    status: JobStatus | None = None
    program: str | None = None
    database: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    query_fasta: Source | None = None


@dataclass
class Result:
    """Everything that the artifacts of one build are made of.

    `queries_missing` counts the records of the query FASTA that no file names, null without a FASTA;
    `queries_unread` those of them of which it is not known that they had no hits.
    """

    job: Job
    folder: Folder
    parts: list[Part]
    fingerprint: str
    queries_missing: int | None = None
    queries_unread: int = 0
    taxonomy: Taxonomy | None = None
    storage: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def reports(self) -> list[Report]:
        """What was read, in the order of the listing, then what only says the same again."""
        again = [
            Report(source.name, source.size, state=FileState.UNSUPPORTED, reason="superseded")
            for source in self.folder.superseded
        ]
        return [*(report for part in self.parts for report in part.reports), *again]

    @cached_property
    def sums(self) -> Sums:
        """The partial aggregates of all parts, added up."""
        total = Sums()
        for part in self.parts:
            total.add(part.sums)
        return total

    @cached_property
    def tables_read(self) -> list[Report]:
        """The files that could be read as results, were it in part."""
        unread = (FileState.UNSUPPORTED, FileState.UNREADABLE)
        return [report for report in self.reports if report.state not in unread]

    @property
    def inside_job(self) -> bool:
        """Whether these files are a job's, so that their end must be provable."""
        return self.job.status is not None or self.folder.success or self.folder.failure is not None

    @cached_property
    def program(self) -> str | None:
        """The program in lower case: as the job says, else the first file that does."""
        said = (self.job.program, self.folder.program, *(report.search.program for report in self.reports))
        return next((name.lower() for name in said if name), None)

    @cached_property
    def options(self) -> dict[str, Any]:
        """The search's options: those of the folder, and over them those of the job."""
        return {**self.folder.options, **self.job.options}

    @cached_property
    def scores_rounded(self) -> bool:
        """Whether BLAST cut the decimals off some bit scores."""
        return any(report.format in ROUNDED_FORMATS and report.rows for report in self.reports)

    @cached_property
    def knows_queries(self) -> bool:
        """False where a file's rows do not say which query they belong to."""
        return all("qseqid" in report.columns for report in self.tables_read if report.rows)

    def hits(self, parts: Sequence[Part] | None = None) -> pl.LazyFrame:
        """The HSPs of these parts, or of all."""
        return scan([part.hits for part in parts or self.parts], HITS, self.storage)

    def pairs(self, parts: Sequence[Part] | None = None) -> pl.LazyFrame:
        """The pairs of these parts, or of all."""
        return scan([part.pairs for part in parts or self.parts], PAIRS, self.storage)

    @cached_property
    def queries(self) -> pl.DataFrame:
        """A row a query in input order, the rows of one query from several shards made one."""
        return merge_queries(scan([part.queries for part in self.parts], QUERIES, self.storage).collect())


def merge_queries(rows: pl.DataFrame) -> pl.DataFrame:
    """The query tables of all parts as one: a row a query in input order, whatever shards it came from."""
    if rows.select(QUERY_KEY).is_duplicated().any():
        rows = _merge_shards(rows)
    return rows.sort(QUERY_KEY, nulls_last=False, maintain_order=True)


def last_rounds(queries: pl.DataFrame) -> pl.DataFrame:
    """Each query once: where a build took all rounds of PSI-BLAST, its last one."""
    if queries["iteration"].n_unique() < 2:
        return queries
    return queries.unique(["batch", "qindex"], keep="last", maintain_order=True)


def older_rounds(queries: pl.DataFrame) -> dict[str, Any]:
    """The filters that keep all rows but those of rounds of PSI-BLAST before the last."""
    older = queries.join(last_rounds(queries), on=QUERY_KEY, how="anti", nulls_equal=True)
    return {"older": older.select(QUERY_KEY).to_dicts()} if older.height else {}


def of_round(query: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that keep to the round of PSI-BLAST that a row of `last_rounds` is."""
    return {} if query["iteration"] is None else {"iteration": query["iteration"]}


def _merge_shards(rows: pl.DataFrame) -> pl.DataFrame:
    status = pl.col("status")
    cut = status.is_in([QueryStatus.PARTIAL, QueryStatus.UNREAD]).any()
    unread = (status == QueryStatus.UNREAD).all()
    found = (status == QueryStatus.HITS).any()
    merged = (
        pl.when(unread)
        .then(pl.lit(QueryStatus.UNREAD.value))
        .when(cut)
        .then(pl.lit(QueryStatus.PARTIAL.value))
        .when(found)
        .then(pl.lit(QueryStatus.HITS.value))
        .otherwise(status.first())
    )
    count = [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
        for name in ("subjects", "hsps")
    ]
    return (
        rows.group_by(QUERY_KEY, maintain_order=True)
        .agg(
            pl.col("source", "query").first(),
            pl.col("title", "length", "length_source", "message").drop_nulls().first(),
            pl.col("best_bits").max(),
            pl.col("best_evalue").min(),
            *count,
            status=merged,
        )
        .select(rows.columns)
    )
