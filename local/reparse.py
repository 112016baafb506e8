"""`python -m local.reparse JOB`: what opening a page would cost without artifacts; prints seconds.

Reads the raw results of a job from storage and builds everything from them, as the finalizer does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from blast_artifacts.lifecycle import jobs, results, submit
from blast_artifacts.views.build import Job, build_result


def reparse(job_id: str) -> float:
    """Seconds from listing the results to all views made; raises LookupError where there is no such job."""
    job = jobs.get_summary(job_id)
    submission = submit.read_request(job_id)
    if job is None or submission is None:
        raise LookupError(job_id)
    facts = Job(
        job_id=job.job_id,
        run=job.run,
        status=job.status,
        program=job.program,
        database=job.database,
        options=submission.options,
        query_fasta=results.find_source(submit.query_blob(job_id)),
    )
    with tempfile.TemporaryDirectory(prefix="reparse-") as folder:
        began = time.perf_counter()
        build_result(facts, results.list_results(job.results_prefix), Path(folder))
        return time.perf_counter() - began


if __name__ == "__main__":
    print(reparse(sys.argv[1]))
