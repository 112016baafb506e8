"""Queue: make a finished job's artifacts."""

from __future__ import annotations

import azure.functions as func

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

    finalizer.take_in(message.get_body())
