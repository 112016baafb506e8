"""What the builds are measured against: python -m benchmarks.yardsticks igzip FILE | polars FILE OUT.

`igzip` only decompresses a file. `polars` is the fastest way known to bring a table into Parquet:
decompressed on one thread into blocks of 32 MB that end with a line, each read by Polars and written to one
zstd file, with no query told from another and nothing checked.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from isal import igzip

if TYPE_CHECKING:
    import polars as pl

BLOCK = 32 << 20
STEP = 4 << 20


def inflated(path: Path) -> Iterator[bytes]:
    """The text of a gzip file, 4 MiB at a time."""
    with igzip.open(path, "rb") as file:  # type: ignore[no-untyped-call]
        while block := file.read(STEP):
            yield block


def whole_lines(path: Path) -> Iterator[bytes]:
    """The text in blocks of about 32 MB that end with a line."""
    parts: list[bytes] = []
    size = 0
    for block in inflated(path):
        parts.append(block)
        size += len(block)
        if size >= BLOCK:
            end = block.rfind(b"\n") + 1
            parts[-1] = block[:end]
            yield b"".join(parts)
            parts, size = [block[end:]], len(block) - end
    if size:
        yield b"".join(parts)


def ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, made on a thread of their own, one ahead of the reader."""
    waiting: queue.Queue[bytes] = queue.Queue(maxsize=1)

    def fill() -> None:
        for block in blocks:
            waiting.put(block)
        waiting.put(b"")

    threading.Thread(target=fill, daemon=True).start()
    while block := waiting.get():
        yield block


def write_parquet(path: Path, out: Path) -> None:
    """One table file -> one Parquet file."""
    import polars as pl
    from polars.io.plugins import register_io_source

    from blast_artifacts.reading.cells import Shape

    schema = Shape(_columns(path), b"\t").schema

    def frames(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        for block in ahead(whole_lines(path)):
            yield pl.read_csv(
                block,
                has_header=False,
                separator="\t",
                quote_char=None,
                comment_prefix="#",
                schema=schema,
                low_memory=False,
            )

    source = register_io_source(frames, schema=schema)
    source.sink_parquet(out, compression="zstd", row_group_size=131_072)


def _columns(path: Path) -> tuple[str, ...]:
    from benchmarks.inputs import SPEC
    from blast_artifacts.reading.outfmt import parse_outfmt

    lines = next(inflated(path)).split(b"\n", 10)
    row = next(line for line in lines if not line.startswith(b"#"))
    columns = parse_outfmt("6 std").columns, parse_outfmt(f"6 {SPEC}").columns
    return next(names for names in columns if len(names) == row.count(b"\t") + 1)


if __name__ == "__main__":
    if sys.argv[1] == "igzip":
        print(sum(map(len, inflated(Path(sys.argv[2])))))
    else:
        write_parquet(Path(sys.argv[2]), Path(sys.argv[3]))
