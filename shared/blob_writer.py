"""Writing a blob whose size nobody knows yet, block by block, with little of it in memory."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from shared.settings import MIB

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

_BLOCK_BYTES = 8 * MIB
_UPLOADS_AT_ONCE = 2


class BlobWriter(io.RawIOBase):
    """A block blob as a file to be written from its beginning to its end; nobody sees it before `commit`.

    `check` is called with the number of bytes so far before more are taken, and ends the writing by what it
    raises. A library that writes to this may raise something else then: `error` keeps what it was.
    """

    def __init__(self, blob: BlobClient, check: Callable[[int], None]) -> None:
        self._blob = blob
        self._check = check
        self._pending = bytearray()
        self._blocks: list[str] = []
        self._uploads: deque[Future[Any]] = deque()
        self._pool = ThreadPoolExecutor(_UPLOADS_AT_ONCE)
        self.size = 0
        self.error: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        try:
            self._check(self.size)
            self._pending += data
            self.size += len(data)
            while len(self._pending) >= _BLOCK_BYTES:
                self._stage(_BLOCK_BYTES)
        except Exception as error:
            self.error = error
            raise
        return len(data)

    def commit(self, media_type: str) -> None:
        """Make the blob what was written."""
        from azure.storage.blob import BlobBlock, ContentSettings

        if self._pending:
            self._stage(len(self._pending))
        while self._uploads:
            self._uploads.popleft().result()
        blocks = [BlobBlock(block_id=block) for block in self._blocks]
        self._blob.commit_block_list(blocks, content_settings=ContentSettings(content_type=media_type))

    def _stage(self, count: int) -> None:
        while len(self._uploads) >= _UPLOADS_AT_ONCE:
            self._uploads.popleft().result()
        block = f"{len(self._blocks):08d}"
        data = bytes(self._pending[:count])
        del self._pending[:count]
        self._blocks.append(block)
        self._uploads.append(self._pool.submit(self._blob.stage_block, block, data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
