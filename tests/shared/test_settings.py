from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]


def test_every_setting_has_a_default_a_meaning_and_a_reason_to_change_it() -> None:
    for name, field in Settings.model_fields.items():
        assert not field.is_required(), name
        assert (field.description or "").endswith("."), name
        extra = field.json_schema_extra
        assert isinstance(extra, dict), name
        assert str(extra["when"]).endswith("."), name


def test_an_app_setting_is_the_field_in_upper_case() -> None:
    assert read_settings({"LEASE_SECONDS": "2.5"}).lease_seconds == 2.5


def test_an_empty_value_is_no_value() -> None:
    assert read_settings({"JOB_STATE_TABLE": ""}).job_state_table == "jobstate"


def test_a_value_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValidationError, match="MAX_ATTEMPTS"):
        read_settings({"MAX_ATTEMPTS": "0"})


def test_local_settings_hold_text_only_and_no_secret() -> None:
    local = json.loads((ROOT / "local.settings.json").read_text())
    assert local["IsEncrypted"] is False
    assert all(isinstance(value, str) for value in local["Values"].values())
    assert local["Values"]["AzureWebJobsStorage"] == "UseDevelopmentStorage=true"
