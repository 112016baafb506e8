"""The raw results of a run, as sources for the readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blast_artifacts.reading.folder import runs_within
from shared.storage import container

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class FileChanged(Exception):
    """A result is no longer the version that was listed: written anew, or gone."""


@dataclass(frozen=True)
class BlobSource:
    """One blob; reading it raises FileChanged once it is no longer the version that was listed."""

    name: str
    size: int
    version: str
    path: str
    container_name: str

    def blocks(self) -> Iterator[bytes]:
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError

        try:
            blob = container(self.container_name).download_blob(
                self.path, etag=self.version, match_condition=MatchConditions.IfNotModified, decompress=False
            )
            yield from blob.chunks()
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise FileChanged(f"{self.name} was written anew, or removed, after it was listed") from error


def iterate_results(prefix: str) -> Iterator[BlobSource]:
    """Every blob below `container/prefix/`, named by its path below the prefix, as the listing comes."""
    container_name, folder = split_prefix(prefix)
    blobs: ContainerClient = container(container_name)
    for blob in blobs.list_blobs(name_starts_with=folder):
        yield BlobSource(
            name=blob.name.removeprefix(folder),
            size=int(blob.size or 0),
            version=str(blob.etag),
            path=blob.name,
            container_name=container_name,
        )


def list_results(prefix: str) -> list[BlobSource]:
    """The results of the run at that prefix, without those of other runs that lie within it."""
    return own(iterate_results(prefix))


def own(sources: Iterable[BlobSource]) -> list[BlobSource]:
    """What of a whole listing is the run's own."""
    listed = list(sources)
    within = tuple(runs_within(source.name for source in listed))
    return [source for source in listed if not source.name.startswith(within)]


def find_source(path: str) -> BlobSource | None:
    """The blob `container/path`, or None where there is none."""
    from azure.core.exceptions import ResourceNotFoundError

    container_name, name = split_prefix(path)
    try:
        found = container(container_name).get_blob_client(name).get_blob_properties()
    except ResourceNotFoundError:
        return None
    return BlobSource(name.rpartition("/")[2], int(found.size), str(found.etag), name, container_name)


def split_prefix(prefix: str) -> tuple[str, str]:
    """Container name and the path inside it."""
    container_name, _, path = prefix.partition("/")
    return container_name, path
