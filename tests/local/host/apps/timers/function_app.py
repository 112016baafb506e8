"""Timers that write what they saw, one JSON line a call, to the file that SEEN names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp()


def _note(**seen: object) -> None:
    with Path(os.environ["SEEN"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({**seen, "at": time.time()}) + "\n")


@app.timer_trigger(arg_name="timer", schedule="* * * * * *", run_on_startup=True)
def slow_ticks(timer: func.TimerRequest) -> None:
    _note(function="slow_ticks", state="start", past_due=timer.past_due)
    time.sleep(1.05)
    _note(function="slow_ticks", state="end")


@app.timer_trigger(arg_name="timer", schedule="%HOURLY%")
def hourly(timer: func.TimerRequest) -> None:
    _note(function="hourly", past_due=timer.past_due, status=getattr(timer, "schedule_status", None))


@app.timer_trigger(arg_name="timer", schedule="0 0 0 * * 7")
def unix_sunday(timer: func.TimerRequest) -> None:
    _note(function="unix_sunday")
