"""What ElasticBLAST left below a results prefix: result files in order, markers, exit codes, configuration.

Any depth of prefix, with or without shards; a folder without that layout is a plain collection of files.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

from blast_artifacts.reading.hits import Source

_BATCH = re.compile(r"batch_\d+[-.].*")
_NUMBER = re.compile(r"(?:batch_|BLAST_RUNTIME-)(\d+)[-.]")
_FASTA = re.compile(r".*\.(fa|fasta|fna|faa|fsa)(\.gz)?")
_MERGED = re.compile(r"merged_results\.out(\.gz)?")
_SIDE_FILE = re.compile(r"(SUCCESS|FAILURE)\.txt|merge-report\.json|(BLAST_RUNTIME|PERF_METRICS)-.*")
_SIDE_FOLDERS = frozenset({"metadata", "logs", "query_batches"})
_SHARD = re.compile(r"shard_\d+")
_EXIT_CODE = re.compile(r"run exitCode\s+\d+\s+(-?\d+)")
_OPTION = re.compile(r"-[A-Za-z]\w*")

_CONFIG_LIMIT = 1024 * 1024
_TEXT_LIMIT = 64 * 1024
_READERS = 8


@dataclass
class Folder:
    """One run's output, sorted out.

    `results` are in natural order, each with its batch: the number in its name (shards of a batch share it),
    or a 0-based place where names do not tell or several runs lie side by side. `superseded` say again what
    `results` say. `success` is false where FAILURE stands too; `failure` is its text, "" where it is empty.
    `submitted` and `exit_codes` (BLAST's own, by batch) are what the pipeline wrote down; `options` are as
    given to BLAST, without the dash, a flag as true.
    """

    results: list[tuple[Source, int]] = field(default_factory=list)
    superseded: list[Source] = field(default_factory=list)
    side_files: list[str] = field(default_factory=list)
    query_batches: dict[int, Source] = field(default_factory=dict)
    success: bool = False
    failure: str | None = None
    submitted: int | None = None
    exit_codes: dict[int, int] = field(default_factory=dict)
    program: str | None = None
    database: str | None = None
    options: dict[str, str | bool] = field(default_factory=dict)

    def missing_batches(self) -> int:
        """How many batches that were submitted left no result, of some shard or at all."""
        return max(len(self.missing_numbers()), (self.submitted or 0) - len(self.results))

    def missing_numbers(self) -> list[int]:
        """Those of them whose numbers are known.

        Known are the batches of `query_batches`, those that another shard has, and with `submitted` the
        numbers below it; where several runs lie side by side only their count.
        """
        shards: dict[str, set[int]] = {}
        for source, batch in self.results:
            shards.setdefault(source.name.rpartition("/")[0], set()).add(batch)
        known = set(self.query_batches).union(*shards.values())
        if len(shards) == 1 and self.submitted:
            known.update(range(self.submitted))
        runs = {_root(source.name) for source, _ in self.results}
        whole = set.intersection(*shards.values()) if len(runs) == 1 else known
        return sorted(known - whole)


def open_folder(sources: Sequence[Source]) -> Folder:
    """Sort out a whole listing; reads only the small side files, and lets storage errors pass."""
    files = sorted(_without_folders(sources), key=lambda source: natural(source.name))
    folder = Folder()
    batched = [source for source in files if _is_batch(source)]
    batch_of = _numbering(batched, files)
    if batched:
        folder.results = [(source, batch_of[source.name]) for source in batched]
        folder.results.sort(key=lambda result: (result[1], natural(result[0].name)))
        folder.superseded = [source for source in files if _MERGED.fullmatch(_base(source))]
    else:
        plain = (source for source in files if not _is_side_file(source))
        folder.results = [(source, place) for place, source in enumerate(plain)]
    taken = {source.name for source, _ in folder.results} | {source.name for source in folder.superseded}
    side = [source for source in files if source.name not in taken]
    folder.side_files = [source.name for source in side]
    folder.query_batches = {batch_of[source.name]: source for source in side if _is_query(source)}
    _read_markers(folder, side)
    _read_counts(folder, side)
    _read_exit_codes(folder, side, batch_of)
    _read_config(folder, side)
    return folder


def runs_within(names: Iterable[str]) -> set[str]:
    """The folders, `/` at the end, of other runs within a run's: those that have metadata of their own.

    None where the names have no metadata at the top: then the run itself may lie deeper.
    """
    roots = {_root(name) for name in names if "metadata" in name.split("/")[:-1]}
    return {f"{root}/" for root in roots if root} if "" in roots else set()


def natural(name: str) -> list[tuple[int, str]]:
    """Sort key in which batch_101 comes before batch_1000."""
    return [
        (int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", name) if piece
    ]


def parse_options(options: str) -> dict[str, str | bool]:
    """BLAST+ options of a command line by name; a value that lost its quotes is put together again."""
    try:
        words = shlex.split(options)
    except ValueError:
        words = options.split()
    values: dict[str, list[str]] = {}
    name = None
    for word in words:
        if _OPTION.fullmatch(word):
            name = word[1:]
            values[name] = []
        elif name is not None:
            values[name].append(word)
    return {name: " ".join(value) if value else True for name, value in values.items()}


def _without_folders(sources: Sequence[Source]) -> list[Source]:
    """Storage with a hierarchical namespace lists folders as empty blobs."""
    folders = {
        "/".join(parts[:n]) for parts in (s.name.split("/") for s in sources) for n in range(1, len(parts))
    }
    return [source for source in sources if source.size or source.name.rstrip("/") not in folders]


def _base(source: Source) -> str:
    return source.name.rpartition("/")[2]


def _is_query(source: Source) -> bool:
    return bool(_BATCH.fullmatch(_base(source)) and _FASTA.fullmatch(_base(source)))


def _is_side_file(source: Source) -> bool:
    return bool(
        _SIDE_FILE.fullmatch(_base(source)) or _SIDE_FOLDERS.intersection(source.name.split("/")[:-1])
    )


def _is_batch(source: Source) -> bool:
    return bool(_BATCH.fullmatch(_base(source))) and not _is_query(source) and not _is_side_file(source)


def _root(name: str) -> str:
    """The folder of the run that a file belongs to."""
    parts = name.split("/")[:-1]
    while parts and (parts[-1] in _SIDE_FOLDERS or _SHARD.fullmatch(parts[-1])):
        parts.pop()
    return "/".join(parts)


def _numbering(batched: Sequence[Source], files: Sequence[Source]) -> dict[str, int]:
    """The batch of each file whose name has a number: that number, unless several runs would share it."""
    matches = ((source, _NUMBER.match(_base(source))) for source in files)
    keys = {source.name: (_root(source.name), int(match[1])) for source, match in matches if match}
    if len({_root(source.name) for source in batched}) <= 1:
        return {name: number for name, (_, number) in keys.items()}
    ordered = sorted(set(keys.values()), key=lambda key: (natural(key[0]), key[1]))
    places = {key: place for place, key in enumerate(ordered)}
    return {name: places[key] for name, key in keys.items()}


def _read(source: Source, limit: int) -> str:
    content = b""
    # A generator: closing it lets go of the connection when the limit is reached.
    with closing(cast(Any, source.blocks())) as blocks:
        for block in blocks:
            content += block
            if len(content) >= limit:
                break
    return content[:limit].decode("utf-8", "replace")


def _named(side: Iterable[Source], name: str) -> list[Source]:
    return [source for source in side if _base(source) == name]


def _read_markers(folder: Folder, side: Sequence[Source]) -> None:
    texts = [_read(source, _TEXT_LIMIT).strip() for source in _named(side, "FAILURE.txt")]
    if texts:
        folder.failure = next(filter(None, texts), "")
    folder.success = not texts and bool(_named(side, "SUCCESS.txt"))


def _read_counts(folder: Folder, side: Sequence[Source]) -> None:
    """How many batches each run submitted, or else how many query batches it lists.

    ElasticBLAST has left num_jobs_submitted.txt empty beside SUCCESS; with neither the count is unknown.
    """
    counts: dict[str, int | None] = {}
    for source in _named(side, "num_jobs_submitted.txt"):
        text = _read(source, _TEXT_LIMIT).strip()
        counts[_root(source.name)] = int(text) if text.isdecimal() else None
    for source in _named(side, "batch_list.txt"):
        if counts.get(_root(source.name)) is None:
            lines = _read(source, _CONFIG_LIMIT).splitlines()
            counts[_root(source.name)] = sum(bool(line.strip()) for line in lines) or None
    if counts and None not in counts.values():
        folder.submitted = sum(count for count in counts.values() if count)


def _read_exit_codes(folder: Folder, side: Sequence[Source], batch_of: Mapping[str, int]) -> None:
    """Of a batch that ran more than once the last, of its shards the first that is not 0."""
    logs = [log for log in side if log.name in batch_of and _base(log).startswith("BLAST_RUNTIME-")]
    with ThreadPoolExecutor(_READERS) as pool:
        texts = pool.map(lambda log: _read(log, _TEXT_LIMIT), logs)
        for log, text in zip(logs, texts, strict=True):
            codes = _EXIT_CODE.findall(text)
            if codes:
                batch = batch_of[log.name]
                folder.exit_codes[batch] = folder.exit_codes.get(batch) or int(codes[-1])


def _read_config(folder: Folder, side: Sequence[Source]) -> None:
    for source in _named(side, "elastic-blast-config.json"):
        try:
            config = json.loads(_read(source, _CONFIG_LIMIT))
        except ValueError:
            continue
        section = config.get("blast") if isinstance(config, dict) else None
        if not isinstance(section, dict):
            continue
        folder.program = _text(section.get("program"))
        folder.database = _text(section.get("db"))
        folder.options = parse_options(_text(section.get("options")) or "")
        return


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
