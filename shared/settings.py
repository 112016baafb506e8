"""The app settings: one model over the environment, each with its default and meaning."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024


def _setting(default: Any, meaning: str, *, when: str = "", **bounds: Any) -> Any:
    """`when` says when to change it; docs/configuration.md is made of these sentences."""
    return Field(default, description=meaning, json_schema_extra={"when": when}, **bounds)


_NAME = "Another app keeps things of that name in the same account."
_LIMIT = "Larger requests are to be taken in; the host itself takes bodies up to 100 MB."


class Settings(BaseModel):
    """What an operator may set; the app setting's name is the field's in upper case."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper, extra="ignore")

    blast_storage_connection: str = _setting(
        "AzureWebJobsStorage",
        "Name of the connection that holds tables, queues and blobs.",
        when="Jobs lie in another account than the host's own state.",
    )
    job_state_table: str = _setting("jobstate", "Table of job rows and steps.", when=_NAME)
    job_index_table: str = _setting(
        "jobindex", "Table of the owner, idempotency and prefix indexes.", when=_NAME
    )
    job_artifact_table: str = _setting(
        "jobartifactstate", "Table of sentinels, artifact rows and due work.", when=_NAME
    )
    artifacts_container: str = _setting(
        "job-artifacts", "Container of artifacts, parts and log chunks.", when=_NAME
    )
    payloads_container: str = _setting("job-payloads", "Container of submitted requests.", when=_NAME)
    results_container: str = _setting(
        "results",
        "Container the pipeline writes results to.",
        when="The pipeline writes to a container of another name.",
    )
    queries_container: str = _setting("queries", "Container of query FASTA files.", when=_NAME)
    submit_queue: str = _setting(
        "blast-submit", "Queue to the pipeline: searches to run or to cancel.", when=_NAME
    )
    events_queue: str = _setting("blast-events", "Queue from the pipeline: steps, logs, ends.", when=_NAME)
    artifacts_queue: str = _setting(
        "blast-artifacts", "Queue of finalize work: heavy, one at a time.", when=_NAME
    )

    auth_mode: str = _setting(
        "easyauth",
        "Who says who the caller is: easyauth, or local (emulator only).",
        when="On one machine against the emulator: local. Never in Azure.",
    )
    website_auth_enabled: bool = _setting(
        False, "Set by the platform while Easy Auth is on.", when="Never by hand."
    )

    default_owner: str = _setting(
        "",
        "Owner of adopted results; without one nothing is adopted by events.",
        when="A pipeline runs searches that nobody submitted here: whose they are, as tenant.object.",
    )

    taxonomy_file: str = _setting(
        "",
        "Path of the table that `python -m blast_artifacts taxonomy TAXDUMP` made; without it no lineages.",
        when="Pages shall show lineages: put the table into the package, or mount a share.",
    )

    max_body_bytes: int = _setting(20 * MIB, "Largest body of POST jobs, in bytes.", when=_LIMIT, gt=0)
    max_fasta_bytes: int = _setting(16 * MIB, "Largest query FASTA, in bytes.", when=_LIMIT, gt=0)
    max_fasta_records: int = _setting(100_000, "Most sequences of a query FASTA.", when=_LIMIT, gt=0)
    max_fasta_letters: int = _setting(50_000_000, "Most letters of a query FASTA.", when=_LIMIT, gt=0)

    blast_submit_sync_capacity_check: bool = _setting(
        False,
        "Whether submit asks first if the cluster is on and has room.",
        when="Callers shall be told at once that the cluster is off; needs BLAST_AKS_RESOURCE_ID.",
    )
    blast_aks_resource_id: str = _setting(
        "",
        "Azure resource id of the AKS cluster that runs the searches.",
        when="The capacity check is on.",
    )
    blast_arm_endpoint: str = _setting(
        "https://management.azure.com",
        "Address of Azure Resource Manager; http on loopback only, for tests.",
        when="The app runs in a national cloud.",
    )

    lease_seconds: float = _setting(
        60,
        "How long a claim holds without renewal, in seconds.",
        when="Claims are lost while their builds go on: storage answers too slowly.",
        gt=0,
    )
    renewal_seconds: float = _setting(
        20,
        "How often a live claim is renewed, in seconds.",
        when="LEASE_SECONDS changes: a third of it.",
        gt=0,
    )
    backfill_schedule: str = _setting(
        "0 * * * * *",
        "NCRONTAB schedule of the repairing timer, UTC.",
        when="A minute's delay costs less than storage does. The alert no-timer expects 5 minutes at most.",
    )
    max_attempts: int = _setting(
        5,
        "Attempts of a build before it is failed for good.",
        when="Results become listable later than the back-offs of five attempts allow.",
        gt=0,
    )
    retry_base_seconds: float = _setting(
        60,
        "First back-off of due work, in seconds; doubles.",
        when="Tests: shorter. With BACKFILL_SCHEDULE: no shorter than its period.",
        gt=0,
    )
    retry_cap_seconds: float = _setting(
        3600,
        "Longest back-off of due work, in seconds.",
        when="Waiting an hour after an outage is too long.",
        gt=0,
    )
    submit_resume_seconds: float = _setting(
        60,
        "Age of an unfinished submit before the timer resumes it, in seconds.",
        when="Uploads of queries take longer than that: resumed too early they are done twice.",
        gt=0,
    )
    cancel_timeout: float = _setting(
        900,
        "How long the pipeline has to tell of a cancelled or marked end itself, in seconds.",
        when="The pipeline needs longer to stop a search.",
        gt=0,
    )
    deleted_purge_seconds: float = _setting(
        7200,
        "When a deleted job is purged for the second time, in seconds.",
        when="functionTimeout of host.json is raised: no claim may live that long.",
        gt=0,
    )
    live_stored_bytes: int = _setting(
        8 * MIB,
        "Most stored bytes of results that a read may read live.",
        when="Reads right after a job's end are too slow (lower) or wait for too many builds (higher).",
    )
    live_inflated_bytes: int = _setting(
        64 * MIB,
        "Most inflated bytes of results that a read may read live.",
        when="As LIVE_STORED_BYTES; an HTTP instance has 2 GB for all that it does.",
    )
    live_seconds: float = _setting(5, "Longest live read, in seconds.", when="As LIVE_STORED_BYTES.", gt=0)
    superseded_purge_seconds: float = _setting(
        86_400,
        "Age at which the blobs of a superseded build are purged, in seconds.",
        when="Readers hold links or cursors of an older build for longer than a day.",
        gt=0,
    )
    top_subjects: int = _setting(
        50,
        "Most frequent subjects that the aggregate shows.",
        when="Pages show more of them; each costs some 200 bytes of every aggregate.",
        gt=0,
        le=1000,
    )
    best_hits: int = _setting(
        100,
        "Queries whose best hit the aggregate shows.",
        when="Pages show more of them; each costs some 300 bytes of every aggregate.",
        gt=0,
        le=1000,
    )
    manifest_page: int = _setting(
        500,
        "Files that the manifest shows first.",
        when="Clients want smaller pages of files.",
        gt=0,
        le=500,
    )
    part_cache_bytes: int = _setting(
        380 * MIB,
        "Most bytes of part files that a process keeps on local disk for questions.",
        when="The instance's disk is smaller, or larger and many jobs are asked about in turn.",
        gt=0,
    )
    part_bytes: int = _setting(
        128 * MIB,
        "Most stored bytes of result files that are built as one part; a larger file is a part of its own.",
        when="Parts end as time_budget, or builders die of memory (lower).",
        gt=0,
    )
    part_files: int = _setting(
        200,
        "Most result files that are built as one part.",
        when="As PART_BYTES.",
        gt=0,
    )
    build_deadline_seconds: float = _setting(
        480,
        "Own deadline of a build or an export, in seconds.",
        when="Results end as time_budget; below functionTimeout of host.json, with room to publish.",
        gt=0,
    )
    export_at_once_bytes: int = _setting(
        16 * MIB,
        "Most bytes of part files of which an export is made while the caller waits.",
        when="Exports at once take longer than callers wait (lower).",
        ge=0,
    )
    export_at_once_seconds: float = _setting(
        5,
        "Longest time that such an export takes, in seconds.",
        when="As EXPORT_AT_ONCE_BYTES.",
        gt=0,
    )
    export_keep_seconds: float = _setting(
        86_400,
        "How long an export is kept that was made in the background, in seconds.",
        when="Callers come back for their exports later than a day after.",
        gt=0,
    )
    exports_per_job: int = _setting(
        20,
        "Most exports of a job that are kept or under way.",
        when="Many people export from the same job on the same day.",
        gt=0,
        le=50,
    )

    through_function_bytes: int = _setting(
        32 * MIB,
        "Largest file handed out by the function itself, in bytes; larger ones by a link.",
        when="Clients cannot follow links (higher: each such read is held in memory whole).",
        gt=0,
    )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings an environment gives; empty values count as not set."""
    return Settings.model_validate({name: value for name, value in environment.items() if value})


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings(os.environ)
