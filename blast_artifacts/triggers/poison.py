"""Queues: messages that the host has given up on."""

from __future__ import annotations

import azure.functions as func

from blast_artifacts.triggers.waiting import waited
from shared.log_lines import action, note
from shared.settings import settings

blueprint = func.Blueprint()


@blueprint.function_name("take_in_poisoned_event")
@blueprint.queue_trigger(
    arg_name="message",
    queue_name=f"{settings().events_queue}-poison",
    connection=settings().blast_storage_connection,
)
def take_in_poisoned_event(message: func.QueueMessage) -> None:
    from blast_artifacts.lifecycle import poison

    with action("poisoned_event", **waited(message)):
        note(outcome=poison.take_in_event(message.get_body()))


@blueprint.function_name("take_in_poisoned_finalize")
@blueprint.queue_trigger(
    arg_name="message",
    queue_name=f"{settings().artifacts_queue}-poison",
    connection=settings().blast_storage_connection,
)
def take_in_poisoned_finalize(message: func.QueueMessage) -> None:
    from blast_artifacts.lifecycle import poison

    with action("poisoned_finalize", **waited(message)):
        note(outcome=poison.take_in_finalize(message.get_body()))
