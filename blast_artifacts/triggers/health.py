"""HTTP: whether the app and its storage are in order."""

from __future__ import annotations

import azure.functions as func

from blast_artifacts.triggers.access import for_everybody, register
from shared.http import answer_json

blueprint = func.Blueprint()


def _health(req: func.HttpRequest) -> func.HttpResponse:
    from shared import health as storage

    faults = storage.health()
    body = {"status": "unhealthy" if faults else "healthy", "faults": faults}
    return answer_json(body, 503 if faults else 200)


register(blueprint, "health", ["GET"], "health", for_everybody(_health))
