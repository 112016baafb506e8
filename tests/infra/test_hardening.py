"""What keeps strangers out, flag by flag."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.bicep import FILES, INFRA, everywhere, read
from tests.infra.code import ROOT

APP = read(INFRA / "modules" / "app.bicep").of_kind("resource")
STORAGE = read(INFRA / "modules" / "storage.bicep").of_kind("resource")
MONITORING = read(INFRA / "modules" / "monitoring.bicep").of_kind("resource")


@pytest.mark.parametrize(
    "word", ["listKeys", "listAccountSas", "AccountKey", "SharedAccessKey", "listSecrets"]
)
def test_no_key_is_asked_for(word: str) -> None:
    assert [path.name for path in FILES if word.lower() in path.read_text("utf-8").lower()] == []


def test_storage_takes_identities_over_tls_and_nothing_public() -> None:
    properties = STORAGE["account"].value["properties"]
    assert properties == {
        "accessTier": "Hot",
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "allowSharedKeyAccess": False,
        "defaultToOAuthAuthentication": True,
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
    }
    assert STORAGE["container"].value["properties"] == {"publicAccess": "None"}


def test_what_was_deleted_can_be_brought_back() -> None:
    properties = STORAGE["blobs"].value["properties"]
    assert properties["deleteRetentionPolicy"]["enabled"] is True
    assert properties["containerDeleteRetentionPolicy"]["enabled"] is True


def test_age_cools_and_never_deletes() -> None:
    (rule,) = STORAGE["lifecycle"].value["properties"]["policy"]["rules"]
    assert rule["definition"]["actions"].keys() == {"baseBlob"}
    assert rule["definition"]["actions"]["baseBlob"].keys() == {"tierToCool"}


def test_the_app_has_tls_and_no_password() -> None:
    site = APP["site"].value
    assert site["properties"]["httpsOnly"] is True
    assert site["identity"]["type"] == "UserAssigned"
    config = site["properties"]["siteConfig"]
    assert (config["minTlsVersion"], config["scmMinTlsVersion"]) == ("1.2", "1.2")
    assert config["ftpsState"] == "Disabled"
    assert APP["noFtpPassword"].value["properties"] == {"allow": False}
    assert APP["noScmPassword"].value["properties"] == {"allow": False}


def test_the_app_runs_where_it_was_tested_and_bounded() -> None:
    config = APP["site"].value["properties"]["functionAppConfig"]
    assert config["runtime"] == {"name": "python", "version": "3.13"}
    assert config["scaleAndConcurrency"]["instanceMemoryMB"] == 2048
    assert config["deployment"]["storage"]["authentication"]["type"] == "UserAssignedIdentity"
    assert APP["plan"].value["sku"] == {"name": "FC1", "tier": "FlexConsumption"}


def test_an_instance_takes_no_more_requests_at_once_than_its_host() -> None:
    text = (INFRA / "main.bicep").read_text("utf-8")
    found = re.search(r"@maxValue\((\d+)\)\nparam httpConcurrency int = (\d+)", text)
    host = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]["http"]["maxConcurrentRequests"]
    assert found
    assert int(found[2]) <= int(found[1]) == host


def test_nobody_calls_without_a_token_but_those_who_look_after_the_app() -> None:
    properties = APP["auth"].value["properties"]
    assert properties["platform"]["enabled"] is True
    assert properties["globalValidation"] == {
        "requireAuthentication": True,
        "unauthenticatedClientAction": "Return401",
        "excludedPaths": ["/api/health", "/api/openapi.json"],
    }
    assert properties["httpSettings"]["requireHttps"] is True
    assert properties["login"]["tokenStore"]["enabled"] is False
    (policy,) = everywhere(properties, "defaultAuthorizationPolicy")
    assert policy["allowedApplications"].text.startswith("union([authClientId]")


def test_telemetry_is_written_by_identity_only() -> None:
    assert MONITORING["component"].value["properties"]["DisableLocalAuth"] is True
    assert MONITORING["workspace"].value["properties"]["features"]["disableLocalAuth"] is True
