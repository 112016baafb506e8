from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from local.host.config import (
    ConfigError,
    Cors,
    is_disabled,
    load_local_settings,
    read_host_settings,
    resolve_names,
)


def write(folder: Path, name: str, content: Any) -> Path:
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_values_are_loaded_and_the_environment_wins(tmp_path: Path) -> None:
    values = {"A": "file", "B": "file", "C": None}
    environment = {"A": "environment"}
    write(tmp_path, "local.settings.json", {"IsEncrypted": False, "Values": values})
    assert load_local_settings(tmp_path, environment) == Cors()
    assert environment == {"A": "environment", "B": "file", "AZURE_FUNCTIONS_ENVIRONMENT": "Development"}


def test_origins_come_from_the_host_section(tmp_path: Path) -> None:
    host = {"CORS": "http://a.example, http://b.example", "CORSCredentials": True}
    write(tmp_path, "local.settings.json", {"IsEncrypted": False, "Host": host})
    assert load_local_settings(tmp_path, {}) == Cors(("http://a.example", "http://b.example"), True)


@pytest.mark.parametrize(
    "content",
    [
        {"Values": {}},
        {"IsEncrypted": True},
        {"IsEncrypted": False, "Values": {"A": 1}},
        {"IsEncrypted": False, "ConnectionStrings": {"A": "b"}},
        [],
    ],
)
def test_local_settings_that_the_tools_cannot_use_are_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigError):
        load_local_settings(write(tmp_path, "local.settings.json", content), {})


def test_host_json_has_the_defaults_of_the_real_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    settings = read_host_settings(write(tmp_path, "host.json", {"version": "2.0"}), {})
    assert (settings.route_prefix, settings.function_timeout) == ("api", 1800)
    assert (settings.max_body_bytes, settings.log_level) == (104_857_600, logging.INFO)
    queues = settings.queues
    assert (queues.batch_size, queues.new_batch_threshold, queues.max_dequeue_count) == (16, 32, 5)
    assert (queues.max_polling_seconds, queues.retry_delay_seconds, queues.base64) == (2, 0, True)


def test_a_variable_overrides_a_value_of_host_json(tmp_path: Path) -> None:
    content = {
        "version": "2.0",
        "functionTimeout": "1.00:00:01.5",
        "extensions": {
            "http": {"routePrefix": "/v1/"},
            "queues": {"batchSize": 4, "messageEncoding": "none"},
        },
        "logging": {"logLevel": {"default": "Warning"}},
    }
    environment = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": "1",
        "azurefunctionsjobhost__extensions__queues__visibilityTimeout": "00:00:45",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "10",
        "AzureWebJobsDisableHomepage": "true",
    }
    settings = read_host_settings(write(tmp_path, "host.json", content), environment)
    assert (settings.function_timeout, settings.route_prefix) == (86_401.5, "v1")
    assert (settings.queues.batch_size, settings.queues.new_batch_threshold) == (1, 0)
    assert (settings.queues.retry_delay_seconds, settings.queues.base64) == (45, False)
    assert (settings.max_body_bytes, settings.log_level) == (10, logging.WARNING)
    assert not settings.home_page


def test_a_timeout_of_minus_one_is_none(tmp_path: Path) -> None:
    folder = write(tmp_path, "host.json", {"version": "2.0", "functionTimeout": "-1"})
    assert read_host_settings(folder, {}).function_timeout is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batchSize", 0),
        ("batchSize", 33),
        ("batchSize", "many"),
        ("maxDequeueCount", 0),
        ("newBatchThreshold", -1),
        ("visibilityTimeout", "45"),
        ("maxPollingInterval", "00:00:00.05"),
        ("messageEncoding", "utf-8"),
    ],
)
def test_a_queue_setting_out_of_range_is_refused_by_name(tmp_path: Path, name: str, value: object) -> None:
    write(tmp_path, "host.json", {"version": "2.0", "extensions": {"queues": {name: value}}})
    with pytest.raises(ConfigError, match=name):
        read_host_settings(tmp_path, {})


def test_host_json_must_be_there_and_of_version_two(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_host_settings(tmp_path, {})
    with pytest.raises(ConfigError, match="version"):
        read_host_settings(write(tmp_path, "host.json", {}), {})
    (tmp_path / "host.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="not JSON"):
        read_host_settings(tmp_path, {})


def test_names_between_percent_signs_are_settings() -> None:
    assert resolve_names("a-%Q%-%R%", {"Q": "x", "R": "y"}) == "a-x-y"
    assert resolve_names("plain", {}) == "plain"
    with pytest.raises(ConfigError, match="'Q'"):
        resolve_names("%Q%", {})
    with pytest.raises(ConfigError, match="not closed"):
        resolve_names("%Q", {"Q": "x"})


def test_a_setting_turns_a_function_off() -> None:
    assert is_disabled("f", {"AzureWebJobs.f.Disabled": "True"})
    assert is_disabled("f", {"AzureWebJobs_f_Disabled": "1"})
    assert not is_disabled("f", {"AzureWebJobs.f.Disabled": "false"})
