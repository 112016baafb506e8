"""Rows under comments: which lines belong to which query, and the hits that they become."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from blast_artifacts.reading.hits import Query


@dataclass(slots=True)
class Block:
    """The comments before the rows of one query (or round), how many rows came, and the id in the first.

    `counted`: the program writes how many rows it found; `labelled`: it named the columns of rows to come.
    """

    query: Query
    found: int | None = None
    rows: int = 0
    named: bool = True
    counted: bool = True
    labelled: bool = False
    first_id: str | None = None


@dataclass(slots=True)
class Piece:
    """Neighbouring lines that should be rows; `block` is theirs, if comments told of one."""

    start: int
    end: int
    lines: int
    line: int
    block: Block | None


@dataclass(slots=True)
class Work:
    """What was found in a region and not yet given out."""

    pieces: list[Piece] = field(default_factory=list)
    ended: list[Block] = field(default_factory=list)
    converged: bool = False


def stretches(pieces: list[Piece], counts: list[int]) -> Iterator[tuple[bool, int, list[tuple[Block, int]]]]:
    """Neighbouring pieces that have comments, or that have none, with their rows together."""
    blocks: list[tuple[Block, int]] = []
    bare = 0
    for piece, count in zip(pieces, counts, strict=True):
        if not count:
            continue
        if piece.block:
            if bare:
                yield False, bare, []
                bare = 0
            blocks.append((piece.block, count))
        else:
            if blocks:
                yield True, sum(rows for _, rows in blocks), blocks
                blocks = []
            bare += count
    if bare:
        yield False, bare, []
    if blocks:
        yield True, sum(rows for _, rows in blocks), blocks


def without_strangers(
    pieces: list[Piece], counts: list[int], names: pl.Series
) -> tuple[list[Piece], list[int]]:
    """The pieces, cut where the query id changes under the comments of one query: others are lost there.

    The rows behind that place have no comments.
    """
    changes = names.ne_missing(names.shift()).arg_true().to_list()
    parted: list[tuple[Piece, int]] = []
    row = 0
    for piece, count in zip(pieces, counts, strict=True):
        own = count
        if count and (block := piece.block):
            if not block.rows:
                block.first_id = names[row]
            place = bisect_right(changes, row)
            own = min(count, changes[place] - row) if place < len(changes) else count
            own = own if names[row] == block.first_id else 0
            block.rows += own
        parted.append((piece, own))
        if own < count:
            parted.append((replace(piece, block=None), count - own))
        row += count
    return [piece for piece, _ in parted], [count for _, count in parted]


def headed(hits: pl.DataFrame, blocks: list[tuple[Block, int]]) -> pl.DataFrame:
    """Rows under comments: the comments say whose they are."""
    row = 0
    names: list[str | None] = []
    for block, count in blocks:
        if block.named and block.rows == count and hits["qseqid"][row] is not None:
            block.query.id = hits["qseqid"][row]
        if block.rows == count:
            block.query.length = hits["qlen"][row]
        names.append(block.query.id)
        row += count
    numbers = pl.DataFrame(
        {
            "qindex": [block.query.index for block, _ in blocks],
            "iteration": [block.query.iteration for block, _ in blocks],
            "name": names,
            "rows": [count for _, count in blocks],
        },
        schema={"qindex": pl.Int64, "iteration": pl.Int64, "name": pl.String, "rows": pl.Int64},
    )
    spread = numbers.select(pl.col("qindex", "iteration", "name").repeat_by("rows").explode())
    hits = hits.with_columns(spread["qindex"], spread["iteration"])
    if hits["qseqid"].null_count() or not all(block.named for block, _ in blocks):
        hits = hits.with_columns(spread["name"].alias("qseqid"))
    return hits
