"""`build PATH… --out DIR`: the artifacts of result files, without Azure."""

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

from blast_artifacts.commands.outcome import COMPLETE, NOT_COMPLETE, UsageError
from blast_artifacts.commands.taxonomy import add_taxonomy_to, opened_taxonomy
from blast_artifacts.files import FileSource, find_sources, plain_path, shown, spooled_stdin
from shared.words import counted

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers
    from blast_artifacts.reading.outfmt import OutfmtSpec
    from blast_artifacts.views.build import Built

LOCAL_JOB = "local-build"
_BAR = 40
_COUNTS = {
    "queries": ("query", "queries"),
    "queries_with_hits": ("query with hits", "queries with hits"),
    "pairs": ("pair", "pairs"),
    "hsps": ("HSP", "HSPs"),
}


def add_to(commands: Parsers) -> None:
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
    add_taxonomy_to(command)
    command.add_argument("--json", action="store_true", help="print a summary as JSON on standard output")
    command.set_defaults(run=build)


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
        fresh = plain_path(Path(workplace)) / "result"
        (fresh / "parts").mkdir(parents=True)
        job = Job(LOCAL_JOB, query_fasta=fasta)
        built = build_result(
            job,
            sources,
            fresh / "parts",
            iteration=options.iteration,
            outfmt=outfmt,
            outfmts=outfmts,
            taxonomy=opened_taxonomy(options.taxonomy),
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
    return FileSource(path, shown(path.name))


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
    counts = ", ".join(_said(summary[name], *words) for name, words in _COUNTS.items())
    print(f"{out}: {state}; {counts}")
    for warning in summary["warnings"]:
        print(f"  {warning['code']}: {warning['text']}")


def _said(count: int | None, one: str, several: str) -> str:
    return f"an unknown number of {several}" if count is None else counted(count, one, several)
