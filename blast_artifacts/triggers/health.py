"""HTTP: whether the app and its storage are in order."""

from __future__ import annotations

import azure.functions as func

from shared.http import answer, answer_json

blueprint = func.Blueprint()


@blueprint.function_name("health")
@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_health, req)


def _health(req: func.HttpRequest) -> func.HttpResponse:
    from shared import health as storage

    faults = storage.health()
    body = {"status": "unhealthy" if faults else "healthy", "faults": faults}
    return answer_json(body, 503 if faults else 200)
