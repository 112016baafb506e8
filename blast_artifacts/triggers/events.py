"""Queue: what the pipeline tells us."""

from __future__ import annotations

import azure.functions as func

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

    events.take_in(message.get_body())
