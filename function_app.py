"""The function app: every function is in a Blueprint of `blast_artifacts.triggers`."""

import azure.functions as func

from blast_artifacts.triggers import (
    backfill,
    events,
    exports,
    finalize,
    health,
    jobs,
    logs,
    openapi,
    poison,
    results,
)

app = func.FunctionApp()

families = (jobs, logs, results, exports, events, finalize, poison, backfill, health)
blueprints = [family.blueprint for family in families]
for blueprint in (*blueprints, openapi.over(blueprints)):
    app.register_functions(blueprint)
