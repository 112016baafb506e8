"""Artifacts as bytes: equal content gives equal bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """Compact UTF-8 JSON, keys in the order they were put in; what is no finite number is null."""
    return orjson.dumps(value)


def digest(value: Any) -> str:
    """SHA-256 of a value, whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
