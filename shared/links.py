"""Short-lived links to one blob, for what is too large to go through the function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared import clock
from shared.storage import blobs, connection, container

if TYPE_CHECKING:
    from azure.storage.blob import UserDelegationKey

LIFETIME = timedelta(minutes=5)
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Link:
    url: str
    expires_at: datetime


def link(container_name: str, path: str, file_name: str) -> Link:
    """A read-only link to that one blob as an attachment, valid for LIFETIME.

    Signed with a user-delegation key; against the emulator, which has none without OAuth, with its known key.
    """
    from azure.storage.blob import BlobSasPermissions, generate_blob_sas

    blob = container(container_name).get_blob_client(path)
    expires = clock.now() + LIFETIME
    account_key = connection().parts.get("AccountKey") if connection().is_emulator else None
    token = generate_blob_sas(
        account_name=str(blobs().account_name),
        container_name=container_name,
        blob_name=path,
        account_key=account_key,
        user_delegation_key=None if account_key else _delegation_key(expires),
        permission=BlobSasPermissions(read=True),
        start=clock.now() - _CLOCK_SKEW,
        expiry=expires,
        content_disposition=attachment(file_name),
        protocol=None if account_key else "https",
    )
    return Link(f"{blob.url}?{token}", expires)


def attachment(name: str) -> str:
    """The Content-Disposition of a download, its name kept to letters, digits and `._-`."""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)
    return f'attachment; filename="{safe or "file"}"'


def _delegation_key(expires: datetime) -> UserDelegationKey:
    return blobs().get_user_delegation_key(clock.now() - _CLOCK_SKEW, expires)
