"""Queue functions that write what they saw, one JSON line a call, to the file that SEEN names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import List  # noqa: UP035 - the library knows no list[str]

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def _note(**seen: object) -> None:
    with Path(os.environ["SEEN"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({**seen, "at": time.time()}) + "\n")


def _describe(function: str, msg: func.QueueMessage) -> None:
    _note(
        function=function,
        text=msg.get_body().decode(),
        id=msg.id,
        dequeue_count=msg.dequeue_count,
        pop_receipt=msg.pop_receipt,
        inserted=str(msg.insertion_time),
        expires=str(msg.expiration_time),
        next_visible=str(msg.time_next_visible),
    )


@app.queue_trigger(arg_name="msg", queue_name="%EVENTS_QUEUE%", connection="STORE")
@app.queue_output(arg_name="out", queue_name="%OUTPUT_QUEUE%", connection="STORE")
def events(msg: func.QueueMessage, out: func.Out[str]) -> None:
    _describe("events", msg)
    text = msg.get_body().decode()
    if text.startswith("fail"):
        raise ValueError("as asked")
    if text.startswith("slow"):
        time.sleep(float(text.split()[1]))
        _note(function="events-end", text=text)
    if text.startswith("send"):
        out.set(f"after {text}")


@app.queue_trigger(arg_name="msg", queue_name="%EVENTS_QUEUE%-poison", connection="STORE")
def poisoned(msg: func.QueueMessage) -> None:
    _describe("poisoned", msg)


@app.queue_trigger(arg_name="msg", queue_name="%ARTIFACTS_QUEUE%", connection="STORE")
def builds(msg: func.QueueMessage) -> None:
    _describe("builds", msg)


@app.queue_trigger(arg_name="msg", queue_name="%NO_SUCH_SETTING%", connection="STORE")
def misnamed(msg: func.QueueMessage) -> None:
    _describe("misnamed", msg)


@app.route(route="send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="%OUTPUT_QUEUE%", connection="STORE")
def send(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    out.set(["one", "two"])
    return func.HttpResponse("sent")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=False)
def yearly(timer: func.TimerRequest) -> None:
    _note(function="yearly", past_due=timer.past_due, status=getattr(timer, "schedule_status", None))
