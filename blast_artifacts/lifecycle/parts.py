"""The tables of a published build: where they lie, and how a question gets at them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blast_artifacts.lifecycle import artifacts
from blast_artifacts.lifecycle.artifacts import Artifact, BlobGone
from blast_artifacts.lifecycle.part_files import FileGone, NoRoom, PartFile, part_files
from blast_artifacts.lifecycle.taxa import taxonomy
from blast_artifacts.terms import ArtifactState, ArtifactType
from shared import codec
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container, scan_options

if TYPE_CHECKING:
    from blast_artifacts.views import parts as views

log = logging.getLogger(__name__)

Tables = Sequence[Mapping[str, str | Path]]
"""Each part's tables by name: a path on local disk, or an `az://` address in the storage."""


class NoParts(Exception):
    """The tables of the build are not published, or were made by a builder before this one."""


class Superseded(Exception):
    """Another build was published meanwhile."""


@dataclass(frozen=True)
class Parts:
    """What the artifact of the parts lists: each part's tables by name, and the blob of the list of files.

    The latter is null where the manifest shows all files.
    """

    artifact: Artifact
    tables: tuple[Mapping[str, PartFile], ...]
    files: str | None

    def size_of(self, tables: Collection[str]) -> int:
        """Bytes of these tables of all parts."""
        return sum(part[name].size for part in self.tables for name in tables)


def of_build(job_id: str, artifact: Artifact) -> Parts:
    """The parts of the build that made an artifact; raises NoParts, Superseded and BlobGone."""
    row = artifacts.find(job_id, ArtifactType.PARTS)
    if row is None or row.build != artifact.build:
        raise Superseded
    return listed(row)


def listed(artifact: Artifact) -> Parts:
    """The parts that their artifact lists; raises NoParts and BlobGone."""
    if artifact.status is not ArtifactState.READY or artifact.is_outdated:
        raise NoParts
    line = codec.from_json(codec.unpack(artifacts.stored_bytes(artifact)))
    tables = tuple(
        {name: PartFile(**table) for name, table in part["tables"].items()} for part in line["parts"]
    )
    return Parts(artifact, tables, line.get("files"))


def file_lines(parts: Parts) -> bytes | None:
    """A line of JSON for every file, null where the manifest shows them all; raises BlobGone."""
    from azure.core.exceptions import ResourceNotFoundError

    if parts.files is None:
        return None
    try:
        return codec.unpack(container(settings().artifacts_container).download_blob(parts.files).readall())
    except ResourceNotFoundError as error:
        raise BlobGone(parts.artifact) from error


def scanned(tables: Tables) -> views.Tables:
    """The tables as questions and exports read them, with the taxonomy of the app settings."""
    from blast_artifacts.views.parts import scan

    return scan(tables, taxonomy(), **scan_options())


@contextmanager
def opened(parts: Parts, tables: Collection[str]) -> Iterator[Tables]:
    """These tables of all parts, to be read while the body runs; raises BlobGone, also for damaged ones."""
    try:
        with fetched(parts.tables, sorted(tables, key=lambda name: parts.size_of({name}))) as found:
            yield found
    except (FileGone, FileNotFoundError) as error:
        raise BlobGone(parts.artifact) from error
    except OSError as error:
        raise AppError("storage_unavailable", "The tables could not be read; try again.") from error
    except BaseException as error:
        if _tells_of_damage(error):
            log.error("tables of build %s cannot be read: %s", parts.artifact.build, error)
            raise BlobGone(parts.artifact) from error
        raise


def _tells_of_damage(error: BaseException) -> bool:
    """Whether Polars met bytes that are no Parquet: the blob is not the one that was published."""
    from polars import exceptions

    damage = (exceptions.ComputeError, exceptions.InvalidOperationError, exceptions.PanicException)
    return isinstance(error, damage)


@contextmanager
def fetched(parts: Sequence[Mapping[str, PartFile]], names: Sequence[str]) -> Iterator[Tables]:
    """These tables of all parts on local disk, as many of them as fit there together, the first named first.

    A table that does not fit is read from the storage in ranges. Raises FileGone.
    """
    with ExitStack() as stack:
        local = _copies(stack, parts, names)
        yield [{name: local.get(part[name]) or address(part[name]) for name in names} for part in parts]


def _copies(
    stack: ExitStack, parts: Sequence[Mapping[str, PartFile]], names: Sequence[str]
) -> Mapping[PartFile, Path]:
    while names:
        files = [part[name] for part in parts for name in names]
        try:
            return stack.enter_context(part_files().held(files))
        except NoRoom:
            names = names[:-1]
    return {}


def address(file: PartFile) -> str:
    """Where Polars reads a table in ranges."""
    return f"az://{settings().artifacts_container}/{file.path}"
