"""What ElasticBLAST leaves below a results prefix: names and contents of its files."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.pipeline.blast import Outcome
from local.pipeline.options import arguments
from shared.storage import container

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

SUCCESS = "metadata/SUCCESS.txt"
FAILURE = "metadata/FAILURE.txt"
CONFIG = "metadata/elastic-blast-config.json"
BATCH_LIST = "metadata/batch_list.txt"
QUERY_LENGTH = "metadata/query_length.txt"
JOBS_SUBMITTED = "metadata/num_jobs_submitted.txt"


class ResultsFolder:
    """A results prefix, `container/prefix/`, to write to."""

    def __init__(self, address: str) -> None:
        name, _, prefix = address.partition("/")
        self.address = address.rstrip("/") + "/"
        self.prefix = prefix.rstrip("/") + "/"
        self._container: ContainerClient = container(name)

    def put(self, name: str, content: str | bytes) -> None:
        """Write a small file; one that is there is replaced."""
        self._container.upload_blob(self.prefix + name, content, overwrite=True)

    def put_gzipped(self, name: str, path: Path) -> None:
        """Compress a file beside itself and write that."""
        packed = path.with_name(path.name + ".gz")
        with path.open("rb") as plain, gzip.GzipFile(packed, "wb", compresslevel=6, mtime=0) as stream:
            shutil.copyfileobj(plain, stream, 1024 * 1024)
        with packed.open("rb") as content:
            self._container.upload_blob(self.prefix + name, content, overwrite=True)
        packed.unlink()


def output_name(batch: int, program: str, database: str) -> str:
    return f"batch_{batch:03d}-{program}-{re.sub('[ /]', '-', database)}.out.gz"


def query_name(batch: int) -> str:
    return f"query_batches/batch_{batch:03d}.fa"


def runtime_name(batch: int) -> str:
    return f"logs/BLAST_RUNTIME-{batch:03d}.out"


def configuration(
    program: str, database: str, query: str, results: str, options: Mapping[str, Any], batch_letters: int
) -> str:
    """elastic-blast-config.json with what holds on one machine too."""
    blast = {
        "program": program,
        "db": database,
        "queries_arg": query,
        "options": shlex.join(arguments(options)),
        "batch_len": batch_letters,
    }
    return json.dumps({"blast": blast, "cluster": {"results": results}}, indent=4) + "\n"


def runtime_log(batch: int, program: str, database: str, outcome: Outcome) -> str:
    """BLAST_RUNTIME-NNN.out: GNU time's lines, then the exit code and the end."""
    elapsed = (outcome.ended - outcome.started) / 1e9
    share = 100 * (outcome.user_seconds + outcome.system_seconds) / max(elapsed, 0.01)
    times = f"{elapsed:.2f} {outcome.user_seconds:.2f} {outcome.system_seconds:.2f} {share:.0f}%"
    lines = [
        f"{outcome.started} run start {batch:03d} {program} {database} {times}",
        f"{outcome.ended} run exitCode {batch:03d} {outcome.exit_code}",
        f"{outcome.ended} run end {batch:03d}",
    ]
    if outcome.exit_code > 128:
        lines.insert(0, f"Command terminated by signal {outcome.exit_code - 128}")
    elif outcome.exit_code:
        lines.insert(0, f"Command exited with non-zero status {outcome.exit_code}")
    return "\n".join(lines) + "\n"
