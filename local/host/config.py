"""What configures the host: local.settings.json, host.json, and the environment over both."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}
_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?")
_OVERRIDE = "azurefunctionsjobhost__"


class ConfigError(ValueError):
    """A setting is missing or cannot be used; the text names it."""


@dataclass(frozen=True)
class QueueSettings:
    """`extensions.queues` of host.json. Times in seconds."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_polling_seconds: float = 2.0
    retry_delay_seconds: float = 0.0
    max_dequeue_count: int = 5
    base64: bool = True


@dataclass(frozen=True)
class HostSettings:
    """The values of host.json that this host honours. `function_timeout` in seconds, None for no limit."""

    route_prefix: str
    function_timeout: float | None
    max_body_bytes: int
    log_level: int
    home_page: bool
    queues: QueueSettings


@dataclass(frozen=True)
class Cors:
    """Origins that a browser may call from, of the section Host in local.settings.json."""

    origins: tuple[str, ...] = ()
    credentials: bool = False


def load_local_settings(folder: Path, environment: MutableMapping[str, str]) -> Cors:
    """Add the Values of local.settings.json to the environment; a variable that is already there wins."""
    environment["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"
    path = folder / "local.settings.json"
    if not path.exists():
        return Cors()
    content = _read_json(path)
    if content.get("IsEncrypted", True) is not False:
        raise ConfigError(f"{path}: IsEncrypted must be false; a missing IsEncrypted means true")
    if content.get("ConnectionStrings"):
        raise ConfigError(f"{path}: put connections into Values; ConnectionStrings is not read")
    for name, value in content.get("Values", {}).items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise ConfigError(f"{path}: the value of {name} must be a string")
        environment.setdefault(name, value)
    host = content.get("Host", {})
    origins = tuple(origin.strip() for origin in host.get("CORS", "").split(",") if origin.strip())
    return Cors(origins, host.get("CORSCredentials") is True)


def read_host_settings(folder: Path, environment: Mapping[str, str]) -> HostSettings:
    """host.json with the `AzureFunctionsJobHost__…` variables over it; raises ConfigError."""
    content = _read_json(folder / "host.json")
    if content.get("version") != "2.0":
        raise ConfigError('host.json: "version" must be "2.0"')
    values = _flat(content)
    for name, value in environment.items():
        key = name.lower().replace(":", "__")
        if key.startswith(_OVERRIDE):
            values[key.removeprefix(_OVERRIDE)] = value
    timeout = str(values.get("functiontimeout", "00:30:00"))
    level = values.get("logging__loglevel__function", values.get("logging__loglevel__default", "Information"))
    if str(level).lower() not in _LEVELS:
        raise ConfigError(f"host.json: there is no log level {level!r}")
    return HostSettings(
        route_prefix=str(values.get("extensions__http__routeprefix", "api")).strip("/"),
        function_timeout=None if timeout == "-1" else _seconds("functionTimeout", timeout),
        max_body_bytes=int(environment.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", 104_857_600)),
        log_level=_LEVELS[str(level).lower()],
        home_page=environment.get("AzureWebJobsDisableHomepage", "").lower() != "true",
        queues=_queue_settings(values),
    )


def resolve_names(text: str, environment: Mapping[str, str]) -> str:
    """`text` with each %Name% replaced by that setting; raises ConfigError for an unknown or unclosed one."""
    pieces = text.split("%")
    if len(pieces) % 2 == 0:
        raise ConfigError(f"{text!r} has a % that is not closed")
    for index in range(1, len(pieces), 2):
        name = pieces[index]
        if name not in environment:
            raise ConfigError(f"{text!r} names the setting {name!r}, which does not exist")
        pieces[index] = environment[name]
    return "".join(pieces)


def is_disabled(name: str, environment: Mapping[str, str]) -> bool:
    """Whether a setting turns the function off."""
    names = (f"AzureWebJobs.{name}.Disabled", f"AzureWebJobs_{name}_Disabled")
    return any(environment.get(key, "").lower() in ("true", "1") for key in names)


def _queue_settings(values: Mapping[str, Any]) -> QueueSettings:
    def value(name: str, default: Any) -> Any:
        return values.get(f"extensions__queues__{name.lower()}", default)

    batch = _whole("batchSize", value("batchSize", 16), 1, 32)
    threshold = value("newBatchThreshold", batch // 2 * (os.cpu_count() or 1))
    encoding = str(value("messageEncoding", "base64")).lower()
    if encoding not in ("base64", "none"):
        raise ConfigError(f"host.json: messageEncoding is base64 or none, not {encoding!r}")
    # The host polls at least every 2 s in Development and every minute elsewhere.
    polling = _seconds("maxPollingInterval", value("maxPollingInterval", "00:00:02"))
    if polling < 0.1:
        raise ConfigError("host.json: maxPollingInterval is at least 100 ms")
    return QueueSettings(
        batch_size=batch,
        new_batch_threshold=_whole("newBatchThreshold", threshold, 0, 1000),
        max_polling_seconds=polling,
        retry_delay_seconds=_seconds("visibilityTimeout", value("visibilityTimeout", "00:00:00")),
        max_dequeue_count=_whole("maxDequeueCount", value("maxDequeueCount", 5), 1, 1000),
        base64=encoding == "base64",
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} is not a JSON object")
    return content


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of a JSON tree by their lower-cased path, joined by two underscores."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        key = f"{prefix}{name.lower()}"
        leaves.update(_flat(value, f"{key}__") if isinstance(value, dict) else {key: value})
    return leaves


def _whole(name: str, value: Any, lowest: int, highest: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ConfigError(f"host.json: {name} must be a whole number, not {value!r}") from None
    if not lowest <= number <= highest:
        raise ConfigError(f"host.json: {name} must lie between {lowest} and {highest}, not {number}")
    return number


def _seconds(name: str, value: Any) -> float:
    match = _TIME_SPAN.fullmatch(str(value))
    if not match:
        raise ConfigError(f"host.json: {name} must look like 00:00:45, not {value!r}")
    days, hours, minutes, seconds, fraction = match.groups(default="0")
    return int(days) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(fraction)
