"""What follows from the code: written by `python3 -m local generate`, and tested to agree with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from blast_artifacts.lifecycle import messages
from local.setup import ROOT
from shared.settings import Settings

BY_PLATFORM = frozenset({"WEBSITE_AUTH_ENABLED"})
"""Settings that Azure itself sets."""


def generate() -> int:
    """Write what differs."""
    for path, text in generated().items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}", flush=True)
    return 0


def generated() -> dict[Path, str]:
    """Each file that is generated, or has a part that is, with the whole text that it should have."""
    main, configuration = ROOT / "infra" / "main.bicep", ROOT / "docs" / "configuration.md"
    return {
        **{ROOT / "docs" / "messages" / name: text for name, text in _schemas().items()},
        main: _with_part(main, "  // {}", "settings", _bicep_settings()),
        configuration: _with_part(configuration, "<!-- {} -->", "settings", _table_of_settings()),
    }


def settings_in_azure() -> dict[str, str]:
    """The app settings that `infra/` gives the app, as text, at their defaults."""
    fields = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    return {name: as_text(value) for name, value in fields.items() if name not in BY_PLATFORM}


def as_text(value: Any) -> str:
    """A setting's value as an app setting has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _schemas() -> dict[str, str]:
    """The messages of each queue as JSON Schema, by file name."""
    to_pipeline = Annotated[messages.Search | messages.Cancel, Field(discriminator="kind")]
    queues = {
        "blast-submit": TypeAdapter[Any](to_pipeline).json_schema(mode="serialization"),
        "blast-events": messages.EVENT.json_schema(),
        "blast-artifacts": messages.WORK.json_schema(),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        f"{queue}.schema.json": json.dumps({**head, **schema, "title": queue}, indent=2) + "\n"
        for queue, schema in queues.items()
    }


def _bicep_settings() -> list[str]:
    return [f"  {name}: '{value}'" for name, value in settings_in_azure().items()]


def _table_of_settings() -> list[str]:
    rows = ["| Setting | Default | Meaning | Change it when |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        when = extra["when"] if isinstance(extra, dict) else ""
        default = f"`{as_text(field.default)}`" if field.default != "" else "none"
        rows.append(f"| `{name.upper()}` | {default} | {field.description} | {when} |")
    return rows


def _with_part(path: Path, comment: str, name: str, lines: Sequence[str]) -> str:
    """The file's text with these lines between the comments `begin NAME` and `end NAME`."""
    text = path.read_text("utf-8")
    begin, end = comment.format(f"begin {name}"), comment.format(f"end {name}")
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{path} has no part {name!r}")
    return before + begin + "\n" + "".join(f"{line}\n" for line in lines) + end + after
