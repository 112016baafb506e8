"""The command line: `python -m blast_artifacts build PATH… --out DIR`, `query DIR TABLE`, and operators'."""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from blast_artifacts import query
from blast_artifacts.files import FileSource, find_sources, spooled_stdin

if TYPE_CHECKING:
    from blast_artifacts.reading.outfmt import OutfmtSpec
    from blast_artifacts.views.build import Built

COMPLETE, USAGE, NOT_COMPLETE = 0, 2, 3
LOCAL_JOB = "local-build"
_BAR = 40


class UsageError(Exception):
    """Something the caller has to say otherwise."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; the exit code is 0 complete, 3 not complete, 2 usage or nothing to read."""
    options = _parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except UsageError as error:
        print(f"blast_artifacts: {error}", file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m blast_artifacts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("build", help="read BLAST results once and write the artifacts of a page")
    command.add_argument(
        "paths", nargs="+", metavar="PATH", help="result file, folder, or - for standard input"
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the artifacts")
    command.add_argument(
        "--outfmt",
        action="append",
        default=[],
        metavar="[NAME=]SPEC",
        help='what -outfmt was, as "6 qseqid sseqid"; for one file: NAME=SPEC',
    )
    command.add_argument("--query", type=Path, metavar="FASTA", help="the queries that were searched")
    command.add_argument(
        "--iteration", default="last", type=_iteration, metavar="last|all|N", help="PSI-BLAST round (last)"
    )
    command.add_argument("--json", action="store_true", help="print a summary as JSON on standard output")
    query.add_arguments(commands.add_parser("query", help="ask a table of a built result for rows"))
    command = commands.add_parser("adopt", help="make jobs of finished results in the results container")
    command.add_argument(
        "prefixes", nargs="+", metavar="PREFIX", help="folder of a run in the results container"
    )
    command.add_argument("--owner", required=True, help="whose jobs they become, as tenant.object")
    for name, what in (
        ("inspect", "say what is stored of a job: rows, artifacts, claim, due work, last errors"),
        ("rebuild", "have the artifacts of jobs built anew"),
        ("purge", "delete jobs for their owners, with all that they left"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("jobs", nargs="+", metavar="JOB", help="id of a job")
    command.add_argument("--yes", action="store_true", help="do it; without, say what would go")
    return parser


def adopt(options: argparse.Namespace) -> int:
    """Adopts results as the event of their marker would, in the account that the app settings name."""
    from blast_artifacts.lifecycle import adoption
    from shared.connections import ConnectionMissing

    refused = 0
    for prefix in options.prefixes:
        try:
            job = adoption.adopt(prefix.strip("/") + "/", options.owner)
        except ConnectionMissing as error:
            raise UsageError(f"{error}; set it as the app has it") from error
        except adoption.NotAdopted as refusal:
            refused += 1
            print(f"{prefix}: not adopted, {refusal}", file=sys.stderr)
        else:
            print(f"{prefix}: job {job.job_id}, {job.status}")
    return NOT_COMPLETE if refused else COMPLETE


def look_after(options: argparse.Namespace) -> int:
    """Inspects, rebuilds or purges jobs of whomever, in the account that the app settings name."""
    from azure.core.exceptions import AzureError

    from blast_artifacts.commands import inspection, operation
    from shared.connections import ConnectionMissing

    refused = 0
    for job_id in options.jobs:
        try:
            if options.command == "inspect":
                print(*inspection.describe(job_id), sep="\n")
            elif options.command == "rebuild":
                print(f"{job_id}: {operation.rebuild(job_id)}")
            elif options.yes:
                print(f"{job_id}: {operation.purge_job(job_id)}")
            else:
                print(f"{job_id}: would delete {operation.remains(job_id)}; say --yes to do so")
        except ConnectionMissing as error:
            raise UsageError(f"{error}; set it as the app has it") from error
        except AzureError as error:
            raise UsageError(f"storage: {str(error).partition(chr(10))[0]}") from error
        except (LookupError, operation.Refused) as refusal:
            refused += 1
            print(f"{job_id}: {refusal}", file=sys.stderr)
    return NOT_COMPLETE if refused else COMPLETE


def ask(options: argparse.Namespace) -> int:
    """Asks a built result for a page of a table."""
    from blast_artifacts.views.cursor import CursorExpired
    from blast_artifacts.views.parameters import BadQuestion

    try:
        query.ask(options)
    except (query.NoResult, BadQuestion, CursorExpired) as error:
        raise UsageError(str(error)) from error
    return COMPLETE


def _iteration(text: str) -> int | Literal["last", "all"]:
    if text == "last":
        return "last"
    if text == "all":
        return "all"
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not last, all or a round from 1")


def build(options: argparse.Namespace) -> int:
    """Builds the artifacts of result files, whole or not at all."""
    from blast_artifacts.views.build import Job, build_result

    out: Path = options.out.absolute()
    _check_out(out)
    fasta = _query(options.query)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as workplace:
        sources = _sources(options.paths, Path(workplace))
        outfmt, outfmts = _formats(options.outfmt, sources)
        fresh = Path(workplace) / "result"
        (fresh / "parts").mkdir(parents=True)
        job = Job(LOCAL_JOB, query_fasta=fasta)
        built = build_result(
            job,
            sources,
            fresh / "parts",
            iteration=options.iteration,
            outfmt=outfmt,
            outfmts=outfmts,
            on_progress=_progress(sum(source.size for source in sources)),
        )
        if not any(source["reason"] != "not_blast" for source in built.summary["sources"]):
            raise UsageError("there is no BLAST output to read")
        _write(built, fresh)
        _replace(out, fresh, Path(workplace) / "old")
    _say(built, out, options.json)
    return COMPLETE if built.complete else NOT_COMPLETE


def _check_out(out: Path) -> None:
    """Only an earlier result is replaced."""
    above = next(folder for folder in out.parents if folder.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is a file: choose another --out")
    if not out.exists() or (out / "manifest.json.gz").is_file():
        return
    if not out.is_dir() or any(out.iterdir()):
        raise UsageError(f"{out} is there and is not an earlier result: choose another --out")


def _query(path: Path | None) -> FileSource | None:
    if path is None:
        return None
    if not path.is_file():
        raise UsageError(f"no such query file: {path}")
    with path.open("rb") as file:
        if not file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b">", b"\x1f\x8b")):
            raise UsageError(f"{path} is no FASTA file")
    return FileSource(path, path.name)


def _sources(paths: Sequence[str], workplace: Path) -> list[FileSource]:
    sources: list[FileSource] = []
    for text in paths:
        if text == "-":
            sources.append(spooled_stdin(workplace))
        elif not Path(text).exists():
            raise UsageError(f"no such file or folder: {text}")
        else:
            sources.extend(find_sources(Path(text), alone=len(paths) == 1))
    if not sources:
        raise UsageError("there are no files to read")
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise UsageError("two of the files bear the same name: give the folder they lie in")
    return sources


def _formats(
    values: Sequence[str], sources: Sequence[FileSource]
) -> tuple[OutfmtSpec | None, dict[str, OutfmtSpec]]:
    """The format of all files, and those of single ones."""
    from blast_artifacts.reading.outfmt import parse_outfmt

    names = {source.name for source in sources}
    general, single = None, {}
    for value in values:
        name, equals, spec = value.partition("=")
        try:
            if equals and name in names:
                single[name] = parse_outfmt(spec)
            else:
                general = parse_outfmt(value)
        except ValueError:
            raise UsageError(f"--outfmt {value!r} is neither a format nor NAME=format of a file") from None
    return general, single


def _write(built: Built, folder: Path) -> None:
    for kind, content in built.artifacts.items():
        name = kind.value.removeprefix("result_")
        (folder / f"{name}.json.gz").write_bytes(gzip.compress(content, 6, mtime=0))


def _replace(out: Path, fresh: Path, old: Path) -> None:
    """Puts the new result into the place of the old one, each whole."""
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    if old.exists():
        shutil.rmtree(old)


def _progress(total: int) -> Callable[[int], None] | None:
    if not sys.stderr.isatty():
        return None
    done = 0

    def show(count: int) -> None:
        nonlocal done
        done += count
        share = min(1.0, done / total) if total else 1.0
        bar = "#" * round(share * _BAR)
        end = "\n" if done >= total else ""
        print(f"\r[{bar:<{_BAR}}] {share:4.0%}", end=end, file=sys.stderr, flush=True)

    return show


def _say(built: Built, out: Path, as_json: bool) -> None:
    summary = built.summary
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
        return
    state = "complete" if built.complete else "NOT complete"
    counts = ", ".join(f"{_number(summary[name])} {name.replace('_', ' ')}" for name in _COUNTS)
    print(f"{out}: {state}; {counts}")
    for warning in summary["warnings"]:
        print(f"  {warning['code']}: {warning['text']}")


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "build": build,
    "query": ask,
    "adopt": adopt,
    "inspect": look_after,
    "rebuild": look_after,
    "purge": look_after,
}

_COUNTS = ("queries", "queries_with_hits", "pairs", "hsps")


def _number(value: int | None) -> str:
    return "an unknown number of" if value is None else f"{value:,}"


if __name__ == "__main__":
    sys.exit(main())
