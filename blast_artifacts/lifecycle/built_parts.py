"""The blobs of a part: its tables, and the account of what was read and what adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from blast_artifacts.lifecycle.part_files import PartFile
from blast_artifacts.tables.part import Part
from shared import codec
from shared.settings import settings
from shared.storage import container

PartTables = dict[str, PartFile]
"""The tables of a part by name."""


class _Account(BaseModel):
    """What a part is beside its tables."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    part: Part
    sizes: dict[str, int]


def upload_tables(
    folder: str, token: str, files: Iterable[Path], check: Callable[[], None]
) -> dict[int, PartTables]:
    """Write tables below the folder of a build, under paths that bear the token of who writes them.

    `check` is called before each, and may raise.
    """
    written: dict[int, PartTables] = {}
    for file in files:
        check()
        number, table, _ = file.name.split(".")
        path = _path(folder, int(number), token, f"{table}.parquet")
        with file.open("rb") as data:
            container(settings().artifacts_container).upload_blob(path, data, overwrite=True)
        written.setdefault(int(number), {})[table] = PartFile(path, file.stat().st_size)
    return written


def upload(folder: str, token: str, part: Part, check: Callable[[], None]) -> None:
    """Write a part, its account last."""
    tables = upload_tables(folder, token, map(Path, part.paths), check)[part.number]
    sizes = {name: file.size for name, file in tables.items()}
    account = _Account(part=replace(part, hits="", pairs="", queries=""), sizes=sizes)
    check()
    stored = codec.pack(account.model_dump_json().encode())
    path = _path(folder, part.number, token, "json.gz")
    container(settings().artifacts_container).upload_blob(path, stored, overwrite=True)


def find(folder: str, token: str, number: int) -> tuple[Part, PartTables]:
    """A part as it was written, without its tables, and where these lie."""
    path = _path(folder, number, token, "json.gz")
    stored = container(settings().artifacts_container).download_blob(path).readall()
    account = _Account.model_validate_json(codec.unpack(stored))
    tables = {
        name: PartFile(_path(folder, number, token, f"{name}.parquet"), size)
        for name, size in account.sizes.items()
    }
    return account.part, tables


def _path(folder: str, number: int, token: str, ending: str) -> str:
    return f"{folder}/parts/{number:05d}-{token}.{ending}"
