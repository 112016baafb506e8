"""The function app: every function is in a Blueprint of `blast_artifacts.triggers`."""

import azure.functions as func

from blast_artifacts.triggers import backfill, events, exports, finalize, health, jobs, logs, poison, results

app = func.FunctionApp()

for family in (jobs, logs, results, exports, events, finalize, poison, backfill, health):
    app.register_functions(family.blueprint)
