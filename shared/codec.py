"""How artifacts are stored: canonical JSON, gzip without a time stamp, SHA-256 of the stored bytes."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any


def to_json(value: Any) -> bytes:
    """JSON bytes in UTF-8, keys in the order given; equal values in equal order give equal bytes."""
    import orjson

    return orjson.dumps(value)


def from_json(data: bytes | str) -> Any:
    import orjson

    return orjson.loads(data)


def pack(data: bytes) -> bytes:
    """gzip whose bytes depend on `data` alone."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def unpack(data: bytes) -> bytes:
    return gzip.decompress(data)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
