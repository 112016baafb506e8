"""What a reader of the result should know, as a code and a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from blast_artifacts.reading.hits import Notice
from blast_artifacts.reading.log_text import in_words
from blast_artifacts.terms import QueryStatus
from blast_artifacts.views.completeness import failed_batches, is_skipped, is_whole
from blast_artifacts.views.result import QUERY_KEY, Result
from shared.words import counted

DEFAULT_TARGETS = 500
"""-max_target_seqs where no option is given."""


def warnings(result: Result) -> list[Notice]:
    """All warnings, those of the pipeline first; each code once."""
    found: dict[str, Notice] = {}
    for notice in (*_of_pipeline(result), *_of_files(result), *_of_queries(result), *_of_pairs(result)):
        found.setdefault(notice.code, notice)
    return list(found.values())


def target_limit(result: Result) -> tuple[int, bool]:
    """-max_target_seqs, and whether it was given; 500 where not (of all output only archives record it)."""
    given = str(result.options.get("max_target_seqs", ""))
    if given.isdecimal():
        return int(given), True
    recorded = {report.search.parameters.get("max_target_seqs") for report in result.tables_read}
    limit = recorded.pop() if len(recorded) == 1 else None
    return (limit, limit != DEFAULT_TARGETS) if isinstance(limit, int) else (DEFAULT_TARGETS, False)


def _of_pipeline(result: Result) -> Iterator[Notice]:
    folder = result.folder
    if folder.failure is not None:
        lines = [line.strip() for line in folder.failure.splitlines() if line.strip()]
        first = f": {lines[0]}" if lines else ", without a reason"
        yield Notice("pipeline_failed", f"The pipeline reports a failure{first}")
    if failed := failed_batches(result):
        batch, code = next(iter(failed.items()))
        others = counted(len(failed) - 1, "more batch", "more batches")
        more = f" (and {others} failed)" if len(failed) > 1 else ""
        yield Notice(
            "batch_failed", f"BLAST ended batch {batch} with exit code {code}: {in_words(code)}{more}."
        )
    if missing := result.folder.missing_batches():
        numbers = folder.missing_numbers()
        named = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
        which = f": {named}" if len(numbers) == missing else ""
        submitted = counted(folder.submitted or missing, "submitted batch", "submitted batches")
        some = f"{missing:,} of {submitted}" if folder.submitted else submitted
        text = f"{some} left no result file{which}."
        yield Notice("results_missing", text)
    if _shards_differ(result):
        yield Notice(
            "shard_evalues_differ",
            "The database shards differ in size and neither -dbsize nor -searchsp was given: E values of"
            " different shards cannot be compared, bit scores can.",
        )


def _shards_differ(result: Result) -> bool:
    if {"dbsize", "searchsp"} & result.options.keys():
        return False
    sizes: dict[int, set[int]] = {}
    for report in result.reports:
        if report.search.database_letters is not None:
            sizes.setdefault(report.batch, set()).add(report.search.database_letters)
    return any(len(letters) > 1 for letters in sizes.values())


def _of_files(result: Result) -> Iterator[Notice]:
    if not_whole := [report for report in result.reports if not is_whole(result, report)]:
        files, names = len(result.reports), ", ".join(report.name for report in not_whole[:3])
        more = ", …" if len(not_whole) > 3 else ""
        text = (
            f"{len(not_whole):,} of {counted(files, 'file')} could not be read to a sure end: {names}{more}."
        )
        yield Notice("files_not_whole", text)
    if skipped := [report.name for report in result.reports if is_skipped(result, report)]:
        yield Notice("files_skipped", f"Not read, as no part of the result: {', '.join(skipped[:5])}.")
    texts: dict[str, dict[str, int]] = {}
    for report in result.reports:
        for notice in report.notices:
            of_code = texts.setdefault(notice.code, {})
            of_code[notice.text] = of_code.get(notice.text, 0) + 1
    for code, of_code in texts.items():
        text, files = next(iter(of_code)), sum(of_code.values())
        yield Notice(code, f"{text} ({counted(files, 'file')}.)" if files > 1 else text)
    if rejected := sum(report.rejected for report in result.reports):
        some = counted(rejected, "row")
        yield Notice("rows_rejected", f"{some} could not be read; the manifest has the lines.")


def _of_queries(result: Result) -> Iterator[Notice]:
    queries = result.queries
    if not result.knows_queries:
        yield Notice("no_query_column", "The rows do not say which query they belong to.")
        return
    unread = queries.filter(pl.col("status").is_in([QueryStatus.UNREAD, QueryStatus.PARTIAL])).height
    if unread:
        some = counted(
            unread, "query was not read to its end: it", "queries were not read to their end: they"
        )
        yield Notice("queries_unread", f"{some} may have more hits.")
    twice = queries.filter(pl.col("iteration").fill_null(1) == 1)["query"]
    if count := len(twice) - twice.n_unique():
        some = counted(
            count,
            "query bears the id of an earlier one; it is told apart",
            "queries bear the id of an earlier one; they are told apart",
        )
        yield Notice("duplicate_query_ids", f"{some} by batch and ordinal.")
    if queries.filter((pl.col("hsps") > 0) & pl.col("length").is_null()).height:
        yield Notice(
            "query_length_unknown",
            "The length of some queries is unknown, so their cover is: the format lacks it and no query FASTA"
            " was given.",
        )
    yield from _of_limit(result)


def _of_limit(result: Result) -> Iterator[Notice]:
    limit, given = target_limit(result)
    cut = result.queries.filter(pl.col("subjects") == limit).select(QUERY_KEY)
    if cut.is_empty():
        return
    option = f"-max_target_seqs {limit}" if given else f"the default of {counted(limit, 'target sequence')}"
    some = counted(cut.height, "query has", "queries have")
    text = f"{some} exactly {counted(limit, 'subject')}: the list is cut there by {option}."
    yield Notice("max_target_seqs_cut", f"{text} BLAST may have left better matches out.")
    scores = (
        result.pairs()
        .select(*QUERY_KEY, "max_score")
        .join(cut.lazy(), on=QUERY_KEY, how="semi", nulls_equal=True)
        .group_by(QUERY_KEY)
        .agg(tied=pl.col("max_score").min() == pl.col("max_score").max())
    )
    tied = int(scores.select(pl.col("tied").sum()).collect(engine="streaming").item())
    if tied:
        text = (
            f"In {tied} of these lists the last subject scores as the first: which ties were kept is chance."
        )
        yield Notice("tie_cut", text)


def _of_pairs(result: Result) -> Iterator[Notice]:
    read = [report for report in result.tables_read if report.rows]
    if not read:
        return
    columns = {name for report in read for name in report.columns}
    if not columns & {"staxids", "deflines"}:
        formats = ", ".join(sorted({report.format or "?" for report in read}))
        yield Notice(
            "no_taxids_in_format",
            f"Output format {formats} carries no taxids here; rerun with -outfmt '7 std staxids' or 15.",
        )
    elif result.taxonomy is None:
        yield Notice("no_taxonomy_table", "Ranks and lineages need a taxonomy table; taxids are as printed.")
    if "bitscore" not in columns:
        text = "The format has no bit scores: the best HSP of a pair is that of the lowest E value."
        yield Notice("no_bit_scores", text)
    if not {"qstart", "qend"} <= columns:
        yield Notice("no_coordinates", "The format has no query coordinates: covers are unknown.")
