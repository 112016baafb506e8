"""Queue: make a finished job's artifacts."""

from __future__ import annotations

import azure.functions as func

from blast_artifacts.triggers.waiting import waited
from shared.log_lines import action, note
from shared.settings import settings

blueprint = func.Blueprint()


@blueprint.function_name("finalize_job")
@blueprint.queue_trigger(
    arg_name="message",
    queue_name=settings().artifacts_queue,
    connection=settings().blast_storage_connection,
)
def finalize_job(message: func.QueueMessage) -> None:
    from blast_artifacts.lifecycle import finalizer

    with action("finalize", **waited(message)):
        note(outcome=finalizer.take_in(message.get_body()))
