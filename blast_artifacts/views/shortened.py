"""Long texts cut: titles have no bound, and an answer of many rows has them many times."""

from __future__ import annotations

from typing import Any

import polars as pl

from blast_artifacts.reading.hits import SEQUENCES

WHOLE = frozenset({*SEQUENCES, "btop", "extra", "subject", "sseqid"})
"""Columns whose texts mean nothing, or another subject, when they are cut."""

_CUT = "…"


def shortened_columns(rows: pl.LazyFrame, schema: pl.Schema, letters: int) -> pl.LazyFrame:
    """The same rows with texts of so many letters at most, and an ellipsis behind those that were cut."""
    return rows.with_columns(
        _cut(pl.col(name), kind, letters)
        for name, kind in schema.items()
        if name not in WHOLE and _has_text(kind)
    )


def shortened(value: Any, letters: int) -> Any:
    """A value of JSON with its texts cut as those of columns are."""
    if isinstance(value, str):
        return value if len(value) <= letters else value[:letters] + _CUT
    if isinstance(value, dict):
        return {name: each if name in WHOLE else shortened(each, letters) for name, each in value.items()}
    return [shortened(each, letters) for each in value] if isinstance(value, list) else value


def has_cut(value: Any, letters: int) -> bool:
    """Whether there is a text in a value that was cut."""
    if isinstance(value, str):
        return len(value) == letters + 1 and value.endswith(_CUT)
    if isinstance(value, dict):
        return any(has_cut(each, letters) for name, each in value.items() if name not in WHOLE)
    return isinstance(value, list) and any(has_cut(each, letters) for each in value)


def _has_text(kind: Any) -> bool:
    if isinstance(kind, pl.List):
        return _has_text(kind.inner)
    return bool(kind == pl.String) or isinstance(kind, pl.Struct)


def _cut(text: pl.Expr, kind: Any, letters: int) -> pl.Expr:
    if isinstance(kind, pl.List):
        return text.list.eval(_cut(pl.element(), kind.inner, letters))
    if isinstance(kind, pl.Struct):
        fields = (
            _cut(pl.field(each.name), each.dtype, letters) for each in kind.fields if _has_text(each.dtype)
        )
        return text.struct.with_fields(*fields)
    return pl.when(text.str.len_chars() > letters).then(text.str.head(letters) + _CUT).otherwise(text)
