"""docs/configuration.md names every setting and parameter that there is, and no other."""

from __future__ import annotations

import json
import re

from shared.settings import Settings
from tests.infra.bicep import INFRA
from tests.infra.code import ROOT

TEXT = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    """The names in the first column of the table below that heading."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def test_every_setting_of_the_app_has_its_row() -> None:
    assert first_cells("The app's own") == [name.upper() for name in Settings.model_fields]


def test_what_the_host_is_given_has_its_row_and_the_reverse() -> None:
    given = re.findall(r"^    ([A-Z]\w+): ", (INFRA / "modules" / "app.bicep").read_text("utf-8"), re.M)
    rows = {*first_cells("Connections"), *first_cells("The host and its telemetry")}
    not_set = {cell.split("|")[1].strip(" `") for cell in TEXT.splitlines() if "| not set |" in cell}
    assert given
    assert rows - not_set == set(given)


def test_every_parameter_of_the_deployment_has_its_row() -> None:
    used = re.findall(r"\$\{(\w+)", (INFRA / "main.parameters.json").read_text("utf-8"))
    read_by_hooks = ["PAGE_DATABASES"]
    assert sorted(first_cells("The deployment")) == sorted([*used, *read_by_hooks])


def test_defaults_of_the_deployment_are_those_of_its_parameters() -> None:
    parameters = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    texts = [one["value"] for one in parameters.values() if isinstance(one["value"], str)]
    section = TEXT.partition("\n## The deployment\n")[2]
    for name, default in re.findall(r"\$\{(\w+)=([^}]+)\}", " ".join(texts)):
        row = next(line for line in section.splitlines() if f"`{name}`" in line)
        assert f"`{default}`" in row, name
