"""Queue: what the pipeline tells us."""

from __future__ import annotations

import azure.functions as func

from blast_artifacts.triggers.waiting import waited
from shared.log_lines import action, note
from shared.settings import settings

blueprint = func.Blueprint()


@blueprint.function_name("take_in_event")
@blueprint.queue_trigger(
    arg_name="message",
    queue_name=settings().events_queue,
    connection=settings().blast_storage_connection,
)
def take_in_event(message: func.QueueMessage) -> None:
    from blast_artifacts.lifecycle import events

    with action("event", **waited(message)):
        note(outcome=events.take_in(message.get_body()))
