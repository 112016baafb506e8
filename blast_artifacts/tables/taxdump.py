"""NCBI's taxdump -> the table that lineages are looked up in."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import polars as pl

from shared.words import counted

FILES = ("nodes.dmp", "names.dmp", "merged.dmp", "delnodes.dmp")
ROOT = 1
_NAMES = {
    "scientific name": "name", "genbank common name": "common_name", "blast name": "blast_name",
}  # fmt: skip
_ROWS = 1 << 17


class NoTaxdump(Exception):
    """What was given is no taxdump; the text says what is missing."""


def write_table(taxdump: Path, table: Path) -> int:
    """Write the lookup table of a taxdump (a folder, .tar.gz or .zip); the number of taxa in it.

    A row a taxid: `current` is the taxid that stands for it now, null for a deleted one; `first` and `last`
    number the tree from the root down, so that all below a taxon lie between its two; `blast_name` is that of
    the nearest ancestor that has one. Raises NoTaxdump.
    """
    with _opened(taxdump) as folder:
        try:
            taxa = _numbered(_nodes(folder))
            rows = pl.concat([taxa, _merged(folder, taxa), _deleted(folder, taxa)], how="diagonal")
        except pl.exceptions.PolarsError as error:
            raise NoTaxdump(f"{taxdump} holds no taxdump that can be read: {error}") from error
    unfinished = table.with_name(f".taxonomy.{os.getpid()}.part")
    rows.sort("taxid").write_parquet(unfinished, compression="zstd", row_group_size=_ROWS)
    unfinished.replace(table)
    return taxa.height


@contextmanager
def _opened(taxdump: Path) -> Iterator[Path]:
    """The folder of the four files that are needed."""
    if taxdump.is_dir():
        _require([name for name in FILES if (taxdump / name).is_file()], taxdump)
        yield taxdump
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        try:
            found = _unpack(taxdump, folder)
        except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise NoTaxdump(f"{taxdump} is no taxdump: {error}") from error
        _require(found, taxdump)
        yield folder


def _require(found: Sequence[str], taxdump: Path) -> None:
    if missing := [name for name in FILES if name not in found]:
        raise NoTaxdump(f"{taxdump} has no {', '.join(missing)}")


def _unpack(archive: Path, folder: Path) -> list[str]:
    found: list[str] = []

    def keep(name: str, file: IO[bytes]) -> None:
        with file, (folder / name).open("wb") as target:
            shutil.copyfileobj(file, target)
        found.append(name)

    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for member in packed.namelist():
                if (name := member.rpartition("/")[2]) in FILES:
                    keep(name, packed.open(member))
        return found
    with tarfile.open(archive) as tar:
        for entry in tar:
            name = entry.name.rpartition("/")[2]
            if name in FILES and (file := tar.extractfile(entry)):
                keep(name, file)
    return found


def _read(path: Path, **fields: pl.DataType) -> pl.LazyFrame:
    """The first fields of a dump file but those that begin with `_`; cells end in tab, bar, tab."""
    wanted = {name: kind for name, kind in fields.items() if not name.startswith("_")}
    if not path.stat().st_size:
        return pl.LazyFrame(schema=wanted)
    with path.open("rb") as file:
        width = file.readline().count(b"\t") + 1
    schema: dict[str, pl.DataType] = {f"_{place}": pl.String() for place in range(width)}
    names = {f"_{2 * place}": name for place, name in enumerate(fields) if name in wanted}
    schema |= {column: wanted[name] for column, name in names.items()}
    cells = pl.scan_csv(
        path,
        separator="\t",
        has_header=False,
        quote_char=None,
        schema=schema,
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )
    return cells.select(list(names)).rename(names)


def _nodes(folder: Path) -> pl.DataFrame:
    nodes = _read(folder / "nodes.dmp", taxid=pl.Int32(), parent=pl.Int32(), rank=pl.String()).collect()
    text = pl.String()
    names = _read(folder / "names.dmp", taxid=pl.Int32(), text=text, _unique=text, kind=text)
    kept = names.filter(pl.col("kind").is_in(list(_NAMES))).collect(engine="streaming")
    for kind, column in _NAMES.items():
        one = kept.filter(pl.col("kind") == kind).unique("taxid", keep="first", maintain_order=True)
        nodes = nodes.join(one.select("taxid", pl.col("text").alias(column)), on="taxid", how="left")
    return nodes


def _numbered(nodes: pl.DataFrame) -> pl.DataFrame:
    """The nodes with their places in the tree, level by level: sizes upwards, then numbers downwards."""
    levels = [nodes.filter(pl.col("taxid") == ROOT)]
    rest = nodes.filter(pl.col("taxid") != ROOT)
    while levels[-1].height:
        above = levels[-1].select(parent="taxid")
        levels.append(rest.join(above, on="parent", how="semi"))
        rest = rest.join(above, on="parent", how="anti")
    if rest.height or not levels[0].height:
        lost = counted(rest.height, "taxon that does", "taxa that do")
        raise NoTaxdump(f"nodes.dmp has {lost} not hang on its root")
    below = levels.pop().with_columns(size=pl.lit(0, pl.Int32))
    for depth in reversed(range(len(levels))):
        sizes = below.group_by("parent").agg(pl.col("size").sum()).rename({"parent": "taxid"})
        level = levels[depth].join(sizes, on="taxid", how="left")
        below = levels[depth] = level.with_columns(size=(pl.col("size").fill_null(0) + 1).cast(pl.Int32))
    levels[0] = levels[0].with_columns(first=pl.lit(0, pl.Int32))
    for depth in range(1, len(levels)):
        above = levels[depth - 1].select(
            parent="taxid", first=pl.col("first"), inherited=pl.col("blast_name")
        )
        before = pl.col("size").cum_sum().over("parent") - pl.col("size")
        levels[depth] = (
            levels[depth]
            .join(above, on="parent", how="left", maintain_order="left")
            .with_columns(
                first=(pl.col("first") + 1 + before).cast(pl.Int32),
                blast_name=pl.coalesce("blast_name", "inherited"),
            )
            .drop("inherited")
        )
    last = (pl.col("first") + pl.col("size") - 1).alias("last")
    return pl.concat(levels).with_columns(last, current=pl.col("taxid")).drop("size")


def _merged(folder: Path, taxa: pl.DataFrame) -> pl.DataFrame:
    merged = _read(folder / "merged.dmp", taxid=pl.Int32(), current=pl.Int32()).collect()
    merged = merged.join(taxa.select("taxid"), on="taxid", how="anti")
    return merged.join(taxa.select("current", "first", "last"), on="current", how="inner")


def _deleted(folder: Path, taxa: pl.DataFrame) -> pl.DataFrame:
    deleted = _read(folder / "delnodes.dmp", taxid=pl.Int32()).collect()
    return deleted.join(taxa.select("taxid"), on="taxid", how="anti")
