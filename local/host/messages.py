"""The text of a queue message, and what a function learns beside it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.host.worker import Json

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage


def encode(body: str | bytes, in_base64: bool) -> str:
    """The content of a message in the app's encoding."""
    data = body.encode() if isinstance(body, str) else body
    return base64.b64encode(data).decode() if in_base64 else data.decode()


def decode(content: str, in_base64: bool) -> str | None:
    """The text of a message; None where it is not in the app's encoding."""
    if not in_base64:
        return content
    try:
        return base64.b64decode(content, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return None


def trigger_metadata(message: QueueMessage, text: str) -> dict[str, str | Json]:
    """What the host tells a function about a message, besides its text."""
    times = {
        "InsertionTime": message.inserted_on,
        "ExpirationTime": message.expires_on,
        "NextVisibleTime": message.next_visible_on,
    }
    return {
        "QueueTrigger": text,
        "DequeueCount": Json(str(message.dequeue_count)),
        "Id": str(message.id),
        "PopReceipt": str(message.pop_receipt),
        **{name: Json(json.dumps(moment.isoformat())) for name, moment in times.items() if moment},
    }


def overlay(metadata: Mapping[str, str | Json], text: str) -> dict[str, str | Json]:
    """Trigger metadata with the top-level properties of a JSON message written over it.

    The host does so, ignoring case, which is why a message field `id` makes `QueueMessage.id` lie. Lists and
    nulls are left out, objects stay JSON, everything else becomes text.
    """
    merged = dict(metadata)
    try:
        properties = json.loads(text)
    except (ValueError, RecursionError):
        return merged
    if not isinstance(properties, dict):
        return merged
    names = {name.lower(): name for name in merged}
    for name, value in properties.items():
        if value is None or isinstance(value, list):
            continue
        standing = names.setdefault(name.lower(), name)
        merged[standing] = Json(json.dumps(value)) if isinstance(value, dict) else str(value)
    return merged
