"""How long a message waited, for the line of the action that it sets off."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import azure.functions as func

from shared import clock


def waited(message: func.QueueMessage) -> dict[str, Any]:
    """Seconds since the message was sent, and how often it has been tried, this time included."""
    sent = message.insertion_time
    seconds = (clock.now() - sent.astimezone(UTC)).total_seconds() if sent else None
    return {
        "queued_seconds": round(max(0.0, seconds), 3) if seconds is not None else None,
        "tries": message.dequeue_count,
    }
