"""Exports as files: the rows of a question, all of them, format by format."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import polars as pl

from blast_artifacts.reading.hits import HIT_COLUMNS
from blast_artifacts.tables.parquet import ParquetStream
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import descriptions, queries
from blast_artifacts.views.all_rows import every_row
from blast_artifacts.views.answer import SHOWN
from blast_artifacts.views.canonical import canonical_json
from blast_artifacts.views.export import Export, NoSequences
from blast_artifacts.views.pages import query_key
from blast_artifacts.views.parts import Tables
from shared.words import counted

COLUMNS = {
    ArtifactType.QUERIES: queries.COLUMNS,
    ArtifactType.DESCRIPTIONS: descriptions.COLUMNS,
    ArtifactType.ALIGNMENTS: ("query_key", "source", "qtitle", *HIT_COLUMNS),
}
"""The columns of an export, in order: those of the table's rows."""

_READ_WHOLE = 1 << 30
"""Exports are read whole: their row groups are those of a table made from so many bytes."""

NCBI_COLUMNS = {
    "Description": pl.col("title"),
    "Scientific Name": pl.col("names"),
    "Common Name": pl.lit(None, pl.String),
    "Taxid": pl.col("taxids"),
    "Max Score": pl.col("max_score"),
    "Total Score": pl.col("total_score"),
    "Query Cover": pl.format("{}%", "query_cover_ncbi"),
    "E value": pl.col("evalue"),
    "Per. ident": pl.col("per_ident"),
    "Acc. Len": pl.col("acc_len"),
    "Accession": pl.col("subject"),
    "Query": pl.col("query"),
}
"""The headings of the table that NCBI's page gives out, and what stands below each; `Query` is ours."""

LINE = 80
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_SAFE = "query_key"
"""Of our own making, `@` and numbers: no formula, and changed it would join with nothing."""

_RERUN = "rerun with -outfmt '7 std qseq sseq' or 15."


def write(export: Export, tables: Tables, target: Path | IO[bytes]) -> int:
    """All rows in the question's order; gives their number."""
    if not isinstance(target, Path):
        return _WRITERS[export.format](export, every_row(export.question, tables), target)
    try:
        with target.open("wb") as file:
            return write(export, tables, file)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _shown(export: Export, rows: pl.DataFrame) -> pl.DataFrame:
    if export.question.table is ArtifactType.DESCRIPTIONS:
        rows = rows.with_columns(pl.col(descriptions.TWO_DECIMALS).round(2))
    return rows.with_columns(query_key()).select(COLUMNS[export.question.table])


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Lists as text, with `;` between their members; structures as JSON."""
    flat = []
    for name, kind in rows.schema.items():
        if isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct):
            flat.append(
                pl.col(name).map_elements(
                    lambda value: canonical_json(value.to_list()).decode(), return_dtype=pl.String
                )
            )
        elif isinstance(kind, pl.List):
            flat.append(pl.col(name).cast(pl.List(pl.String)).list.join(";"))
    return rows.with_columns(flat)


def _harmless(rows: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(pl.String).exclude(_SAFE)
    runs = text.str.contains(_FORMULA)
    return rows.with_columns(pl.when(runs).then(pl.lit("'") + text).otherwise(text).name.keep())


Writer = Callable[[Export, Iterator[pl.DataFrame], IO[bytes]], int]


def _separated(separator: str, ncbi: bool = False) -> Writer:
    def write_rows(export: Export, frames: Iterator[pl.DataFrame], file: IO[bytes]) -> int:
        count = 0
        for number, rows in enumerate(frames):
            shown = _flat(_shown(export, rows))
            shown = shown.select(**NCBI_COLUMNS) if ncbi else shown
            shown = _harmless(shown) if export.safe else shown
            shown.write_csv(file, separator=separator, include_header=number == 0)
            count += rows.height
        return count

    return write_rows


def _json_lines(export: Export, frames: Iterator[pl.DataFrame], file: IO[bytes]) -> int:
    count = 0
    for rows in frames:
        for row in SHOWN[export.question.table](rows):
            file.write(canonical_json(row) + b"\n")
        count += rows.height
    return count


def _parquet(export: Export, frames: Iterator[pl.DataFrame], file: IO[bytes]) -> int:
    shown = _shown(export, next(frames))
    count = shown.height
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.parquet"
        with ParquetStream(path, shown.schema, _READ_WHOLE, every_column=True) as stream:
            stream.append(shown)
            for rows in frames:
                stream.append(_shown(export, rows))
                count += rows.height
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)
    return count


def _fasta(export: Export, frames: Iterator[pl.DataFrame], file: IO[bytes]) -> int:
    count = 0
    for rows in frames:
        told = pl.all_horizontal(pl.col("sseq", "sstart", "send").is_not_null())
        if without := rows.select((~told).sum()).item():
            some = counted(without, "alignment has", "alignments have")
            raise NoSequences(f"{some} no sequence or no place in the output format; {_RERUN}")
        for row in rows.iter_rows(named=True):
            file.write(_record(row).encode())
        count += rows.height
    return count


def _record(row: dict[str, Any]) -> str:
    low, high = sorted((row["sstart"], row["send"]))
    strand = "+" if row["sstart"] <= row["send"] else "-"
    letters = row["sseq"].replace("-", "")
    lines = "\n".join(letters[start : start + LINE] for start in range(0, len(letters), LINE))
    subject, query, evalue = (_said(row[name]) for name in ("sseqid", "qseqid", "evalue"))
    return f">{subject}:{low}-{high}({strand}) {query} {evalue}\n{lines}\n"


def _said(value: Any) -> str:
    """A value of a header, which has no empty place for what is unknown."""
    return "-" if value is None else str(value)


_WRITERS: Mapping[str, Writer] = {
    "csv": _separated(","),
    "tsv": _separated("\t"),
    "ncbi-csv": _separated(",", ncbi=True),
    "jsonl": _json_lines,
    "parquet": _parquet,
    "fasta": _fasta,
}
