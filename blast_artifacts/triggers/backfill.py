"""Timer: repair what was missed."""

from __future__ import annotations

import azure.functions as func

from shared.log_lines import action, note
from shared.settings import settings

blueprint = func.Blueprint()


@blueprint.function_name("backfill")
@blueprint.timer_trigger(arg_name="timer", schedule=settings().backfill_schedule, run_on_startup=False)
def backfill(timer: func.TimerRequest) -> None:
    from blast_artifacts.lifecycle import backfill as due_work

    with action("backfill"):
        note(seen=due_work.run(), outcome="past_due" if timer.past_due else "on_time")
