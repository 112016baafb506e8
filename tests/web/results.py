"""Finished results for the page's tests, adopted into the running stack."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping

from blast_artifacts.lifecycle import adoption
from local.stack import Stack
from shared.settings import settings
from shared.storage import container
from tests.conftest import app_settings

FIELDS = (
    "query acc.ver, subject acc.ver, % identity, alignment length, mismatches, gap opens, q. start, q. end,"
    " s. start, s. end, evalue, bit score, subject title, query length, subject length,"
    " query seq, subject seq"
)
QUERIES, SUBJECTS, HSPS = 5000, 500, 20
MILLION = (20, 250, 100, 2)
"""Files, queries a file, subjects a query, HSPs a subject."""
LETTERS = "ACGTTGCAAC" * 12


def adopt(stack: Stack, user: str, files: Mapping[str, bytes], batches: int) -> str:
    """A job of `user` made of these result files, as ElasticBLAST leaves them; its id."""
    prefix = f"run-{uuid.uuid4().hex[:8]}/"
    whole = {**files, "metadata/num_jobs_submitted.txt": str(batches).encode(), "metadata/SUCCESS.txt": b""}
    with app_settings({"AzureWebJobsStorage": stack.environment["AzureWebJobsStorage"]}):
        for name, content in whole.items():
            container(settings().results_container).upload_blob(prefix + name, content)
        job = adoption.adopt(prefix, f"local.{user}")
        assert job is not None
    return job.job_id


def adopt_large(stack: Stack, user: str) -> str:
    """5,000 queries, every tenth without hits, the first with 500 subjects of 20 HSPs each."""
    first = _report(_query(0, SUBJECTS, HSPS))
    others = _report("".join(_query(n, 0 if n % 10 == 9 else 2, 1) for n in range(1, QUERIES)), QUERIES - 1)
    files = {"batch_000-blastn-nt.out.gz": first, "batch_001-blastn-nt.out.gz": others}
    return adopt(stack, user, files, 2)


def adopt_cut_short(stack: Stack, user: str) -> str:
    """Two batches, of which one file ends in the middle."""
    whole = _report(_query(0, 3, 2))
    cut = _report(_query(1, 40, 2))
    files = {"batch_000-blastn-nt.out.gz": whole, "batch_001-blastn-nt.out.gz": cut[: len(cut) // 2]}
    return adopt(stack, user, files, 2)


def adopt_crowded(stack: Stack, user: str) -> str:
    """A query with two subjects of more HSPs each than a page has."""
    return adopt(stack, user, {"batch_000-blastn-nt.out.gz": _report(_query(0, 2, 120))}, 1)


def adopt_million(stack: Stack, user: str) -> str:
    """1,000,000 HSPs in 20 files."""
    files, queries, subjects, hsps = MILLION
    hits = _query(0, subjects, hsps)
    reports = {
        f"batch_{file:03d}-blastn-nt.out.gz": _report(
            "".join(hits.replace("query0", f"query{file * queries + n}") for n in range(queries)), queries
        )
        for file in range(files)
    }
    return adopt(stack, user, reports, files)


def _report(queries: str, count: int = 1) -> bytes:
    return gzip.compress(f"{queries}# BLAST processed {count} queries\n".encode(), 1, mtime=0)


def _query(number: int, subjects: int, hsps: int) -> str:
    """A query's part of a tabular report with comments; subjects fall in score and in identity."""
    head = f"# BLASTN 2.12.0+\n# Query: query{number} the query of number {number}\n# Database: nt\n"
    if not subjects:
        return f"{head}# 0 hits found\n"
    rows = [_hsp(number, subject, hsp) for subject in range(subjects) for hsp in range(hsps)]
    return f"{head}# Fields: {FIELDS}\n# {len(rows)} hits found\n{''.join(rows)}"


def _hsp(number: int, subject: int, hsp: int) -> str:
    start, length = 1 + 100 * hsp, len(LETTERS)
    bits = 2000 - 3 * subject - hsp
    cells = [
        *(f"query{number}", f"S{subject:04d}.1", f"{100 - subject / 10:.3f}", length, subject % 10, 0),
        *(start, start + length - 1, 500 + start, 500 + start + length - 1, f"{1e-99 * (subject + 1):.2e}"),
        *(bits, f"Subject number {subject}, made for a test", 2200, 5000, LETTERS, LETTERS),
    ]
    return "\t".join(map(str, cells)) + "\n"
