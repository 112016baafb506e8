"""Before `azd provision`: the app registration that callers get their tokens for, made once.

It has one scope, for people, and one app role, for operators who may read every job. Its id is kept in the
azd environment as AUTH_CLIENT_ID; where that is set already (`azd env set AUTH_CLIENT_ID …`) nothing is done.
"""

from __future__ import annotations

import json
import os
import sys
import uuid

from local.deployment.tools import az, ended, set_in_azd

SCOPE = "user_impersonation"
READ_ALL = "Artifacts.ReadAll"

GRAPH = "https://graph.microsoft.com/v1.0/applications"


def main() -> None:
    if os.environ.get("AUTH_CLIENT_ID"):
        return
    name = f"BLAST artifacts ({os.environ['AZURE_ENV_NAME']})"
    found = az("ad", "app", "list", "--display-name", name)
    registration = found[0] if found else az("ad", "app", "create", "--display-name", name)
    client_id, object_id = registration["appId"], registration["id"]
    body = json.dumps(_wanted(client_id))
    az("rest", "--method", "PATCH", "--url", f"{GRAPH}/{object_id}", "--body", body)
    if not az("ad", "sp", "list", "--filter", f"appId eq '{client_id}'"):
        az("ad", "sp", "create", "--id", client_id)
    set_in_azd("AUTH_CLIENT_ID", client_id)
    print(f"callers get their tokens for {name}, client id {client_id}")


def _wanted(client_id: str) -> dict[str, object]:
    """What the registration must have; ids follow from names, so that a second run changes nothing."""

    def stable_id(name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"api://{client_id}/{name}"))

    scope = {
        "id": stable_id(SCOPE),
        "value": SCOPE,
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": "Use BLAST artifacts",
        "adminConsentDescription": "Submit searches and read one's own results.",
        "userConsentDisplayName": "Use BLAST artifacts",
        "userConsentDescription": "Submit searches and read your own results.",
    }
    role = {
        "id": stable_id(READ_ALL),
        "value": READ_ALL,
        "isEnabled": True,
        "allowedMemberTypes": ["User", "Application"],
        "displayName": "Read all jobs",
        "description": "Read the jobs and results of everybody.",
    }
    return {
        "signInAudience": "AzureADMyOrg",
        "identifierUris": [f"api://{client_id}"],
        "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [scope]},
        "appRoles": [role],
    }


if __name__ == "__main__":
    sys.exit(ended(main))
