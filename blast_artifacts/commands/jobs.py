"""`adopt`, `inspect`, `rebuild` and `purge`: jobs in the account that the app settings name."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from blast_artifacts.commands.outcome import COMPLETE, NOT_COMPLETE, UsageError

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers


def add_to(commands: Parsers) -> None:
    command = commands.add_parser("adopt", help="make jobs of finished results in the results container")
    command.add_argument(
        "prefixes", nargs="+", metavar="PREFIX", help="folder of a run in the results container"
    )
    command.add_argument("--owner", required=True, help="whose jobs they become, as tenant.object")
    command.set_defaults(run=adopt)
    for name, what in (
        ("inspect", "say what is stored of a job: rows, artifacts, claim, due work, last errors"),
        ("rebuild", "have the artifacts of jobs built anew"),
        ("purge", "delete jobs for their owners, with all that they left"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("jobs", nargs="+", metavar="JOB", help="id of a job")
        command.set_defaults(run=look_after)
        if name == "purge":
            command.add_argument("--yes", action="store_true", help="do it; without, say what would go")


def adopt(options: argparse.Namespace) -> int:
    """Adopts results as the event of their marker would, in the account that the app settings name."""
    from blast_artifacts.lifecycle import adoption
    from shared.connections import ConnectionMissing

    refused = 0
    for prefix in options.prefixes:
        try:
            job = adoption.adopt(prefix.strip("/") + "/", options.owner)
        except ConnectionMissing as error:
            raise UsageError(f"{error}; set it as the app has it") from error
        except adoption.NotAdopted as refusal:
            refused += 1
            print(f"{prefix}: not adopted, {refusal}", file=sys.stderr)
        else:
            print(f"{prefix}: job {job.job_id}, {job.status}")
    return NOT_COMPLETE if refused else COMPLETE


def look_after(options: argparse.Namespace) -> int:
    """Inspects, rebuilds or purges jobs of whomever, in the account that the app settings name."""
    from azure.core.exceptions import AzureError

    from blast_artifacts.commands import inspection, operation
    from shared.connections import ConnectionMissing

    refused = 0
    for job_id in options.jobs:
        try:
            if options.command == "inspect":
                print(*inspection.describe(job_id), sep="\n")
            elif options.command == "rebuild":
                print(f"{job_id}: {operation.rebuild(job_id)}")
            elif options.yes:
                print(f"{job_id}: {operation.purge_job(job_id)}")
            else:
                print(f"{job_id}: would delete {operation.remains(job_id)}; say --yes to do so")
        except ConnectionMissing as error:
            raise UsageError(f"{error}; set it as the app has it") from error
        except AzureError as error:
            raise UsageError(f"storage: {str(error).partition(chr(10))[0]}") from error
        except (LookupError, operation.Refused) as refusal:
            refused += 1
            print(f"{job_id}: {refusal}", file=sys.stderr)
    return NOT_COMPLETE if refused else COMPLETE
