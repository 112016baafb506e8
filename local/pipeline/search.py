"""One search from its message to its end: the seven known steps, batch by batch."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from azure.core.exceptions import AzureError, ResourceNotFoundError

from blast_artifacts.lifecycle.messages import Search
from blast_artifacts.terms import JobStatus, StepState
from local.pipeline import blast, databases, fasta, layout, sample
from local.pipeline.failures import Cancelled, SearchFailed, Stopped, of_exit_code
from local.pipeline.messages import Reporter
from local.pipeline.options import PROGRAMS, arguments
from shared.storage import container

log = logging.getLogger(__name__)

Check = Callable[[], None]


def run(search: Search, data: Path, check: Check) -> None:
    """Run a search, leave its results and send its events, the end last.

    `check` raises Cancelled or Stopped when the search has to end; the latter is passed on, without an end.
    So are storage errors: the run can be taken up again from its start.
    """
    reporter = Reporter(search.job, search.run)
    results = layout.ResultsFolder(search.results)
    try:
        with TemporaryDirectory(prefix="search-", dir=data) as work:
            _Run(search, reporter, results, data / "databases", Path(work), check).all_steps()
    except Cancelled:
        reporter.ended(JobStatus.CANCELLED)
    except SearchFailed as failure:
        log.warning("job %s run %d failed: %s", search.job, search.run, failure.message)
        _fail(failure, results, reporter)
    except (Stopped, AzureError):
        raise
    except Exception as error:
        log.exception("job %s run %d broke the pipeline", search.job, search.run)
        _fail(SearchFailed("pipeline", f"{type(error).__name__}: {error}"), results, reporter)
    else:
        reporter.ended(JobStatus.COMPLETED)


def _fail(failure: SearchFailed, results: layout.ResultsFolder, reporter: Reporter) -> None:
    results.put(layout.FAILURE, failure.message + "\n")
    reporter.ended(JobStatus.FAILED, failure)


@dataclass
class _Run:
    """The steps of one run; what one finds out, the next ones use."""

    search: Search
    reporter: Reporter
    results: layout.ResultsFolder
    databases: Path
    work: Path
    check: Check
    recorded: bool = False
    batches: list[str] = field(default_factory=list)

    def all_steps(self) -> None:
        query = self._prepare()
        self._warm_up(query)
        self._configure(query)
        self._stage_database()
        self._submit()
        self._run_batches()
        self._export()

    @contextmanager
    def _step(self, name: str) -> Iterator[dict[str, object]]:
        """Announce a step and its end; what is put into the detail goes with the end."""
        detail: dict[str, object] = {}
        begun = time.monotonic()
        self.check()
        self.reporter.step(name, StepState.STARTED)
        try:
            yield detail
        except SearchFailed as failure:
            self._close_log(name, f"failed: {failure.message}")
            self.reporter.step(
                name, StepState.FAILED, {"code": failure.code, "message": failure.message[:200]}
            )
            raise
        except Cancelled:
            self._close_log(name, "cancelled")
            raise
        self._close_log(name, f"finished in {time.monotonic() - begun:.1f} s")
        self.reporter.step(name, StepState.FINISHED, detail or None)

    def _close_log(self, step: str, line: str) -> None:
        if self.reporter.has_logged(step):
            self.reporter.log(step, [line], last=True)

    def _prepare(self) -> str:
        with self._step("preparing") as detail:
            if self.search.program not in PROGRAMS:
                raise SearchFailed("query", f"{self.search.program} is no program of this pipeline")
            try:
                arguments(self.search.options)
            except ValueError as error:
                raise SearchFailed("query", str(error)) from error
            name, _, path = self.search.query.partition("/")
            try:
                content: bytes = container(name).download_blob(path).readall()
            except ResourceNotFoundError as error:
                raise SearchFailed("query", f"there is no query file {self.search.query}") from error
            query = content.decode("utf-8", "surrogateescape")
            detail["sequences"] = len(fasta.records(query))
            if not detail["sequences"]:
                raise SearchFailed("query", "the query has no sequence")
            return query

    def _warm_up(self, query: str) -> None:
        search = self.search
        version = blast.version(search.program)
        known = sample.is_sample(search.program, search.database, search.options, query)
        if version is None and known:
            self.recorded = True
            line = "BLAST+ is not installed: the results are the recorded ones of the sample search"
            self.reporter.log("warming_up", [line], last=True)
            self.reporter.step("warming_up", StepState.SKIPPED, {"reason": "recorded results"})
            return
        with self._step("warming_up") as detail:
            if version is None:
                raise SearchFailed("blast_not_installed", f"{search.program} of BLAST+ is not on the PATH")
            detail["blast"] = version

    def _configure(self, query: str) -> None:
        search = self.search
        with self._step("configuring") as detail:
            self.batches = fasta.split(query, search.program)
            sizes = [sum(map(fasta.letters, fasta.records(batch))) for batch in self.batches]
            configuration = layout.configuration(
                search.program,
                search.database,
                search.query,
                search.results,
                search.options,
                fasta.batch_letters(sum(sizes), search.program),
            )
            self.results.put(layout.CONFIG, configuration)
            self.results.put(layout.QUERY_LENGTH, f"{sum(sizes)}\n")
            for number, batch in enumerate(self.batches):
                content = batch.encode("utf-8", "surrogateescape")
                (self.work / f"batch_{number:03d}.fa").write_bytes(content)
                self.results.put(layout.query_name(number), content)
            detail |= {"batches": len(self.batches), "letters": sum(sizes)}

    def _stage_database(self) -> None:
        if self.recorded:
            self.reporter.step("staging_db", StepState.SKIPPED, {"reason": "recorded results"})
            return
        with self._step("staging_db") as detail:
            detail["database"] = databases.stage(self.search.database, self.databases)[:200]

    def _submit(self) -> None:
        with self._step("submitting"):
            names = [self.results.address + layout.query_name(n) for n in range(len(self.batches))]
            self.results.put(layout.BATCH_LIST, "".join(f"{name}\n" for name in names))
            self.results.put(layout.JOBS_SUBMITTED, f"{len(names)}\n")
            self.reporter.log("submitting", [f"batch {n:03d}: {name}" for n, name in enumerate(names)])

    def _run_batches(self) -> None:
        """All batches, also after one that failed: the first failure is the run's."""
        failures: list[SearchFailed] = []
        with self._step("running") as detail:
            for number in range(len(self.batches)):
                self.check()
                outcome = self._run_batch(number)
                if outcome.errors.strip():
                    self.reporter.log("running", outcome.errors.splitlines())
                name = layout.runtime_name(number)
                text = layout.runtime_log(number, self.search.program, self.search.database, outcome)
                self.results.put(name, text)
                self.reporter.log_blob("running", self.results.prefix + name)
                if outcome.exit_code:
                    failures.append(of_exit_code(outcome.exit_code, outcome.errors))
            detail |= {"batches": len(self.batches), "failed": len(failures)}
            if failures:
                raise failures[0]

    def _run_batch(self, number: int) -> blast.Outcome:
        search = self.search
        output = self.work / f"batch_{number:03d}.out"
        if self.recorded:
            begun = time.time_ns()
            output.write_bytes(sample.recorded(number))
            outcome = blast.Outcome(0, "", begun, time.time_ns(), 0.0, 0.0)
        else:
            query = self.work / f"batch_{number:03d}.fa"
            words = blast.command(search.program, search.database, str(query), str(output), search.options)
            errors = self.work / f"batch_{number:03d}.err"
            outcome = blast.run(words, self.databases, errors, self.check)
        if output.is_file():
            self.results.put_gzipped(layout.output_name(number, search.program, search.database), output)
            output.unlink()
        return outcome

    def _export(self) -> None:
        with self._step("exporting_results") as detail:
            detail["files"] = len(self.batches)
            self.results.put(layout.SUCCESS, "SUCCESS\n")
