"""HTTP: the API's description."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import azure.functions as func

from blast_artifacts.triggers.access import for_everybody, register
from shared import codec
from shared.http import Stored, answer_stored


def over(blueprints: Sequence[func.Blueprint]) -> func.Blueprint:
    """The function that describes those of these blueprints and itself; made when first asked for."""
    blueprint = func.Blueprint()

    @cache
    def document() -> tuple[bytes, int]:
        from blast_artifacts.triggers.description import describe

        plain = codec.to_json(describe([*blueprints, blueprint]))
        return codec.pack(plain), len(plain)

    def read(req: func.HttpRequest) -> func.HttpResponse:
        stored, size = document()
        return answer_stored(req, Stored(codec.digest(stored), len(stored), size, lambda: stored), {})

    register(blueprint, "read_openapi", ["GET"], "openapi.json", for_everybody(read))
    return blueprint
