"""Whether the cluster that runs the searches is on and has room, by one bounded question to Azure."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from shared.connections import Connection
from shared.settings import settings
from shared.storage import connection, credential

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.rest import HttpResponse

log = logging.getLogger(__name__)

# https://learn.microsoft.com/rest/api/aks/managed-clusters/get
API_VERSION = "2025-10-01"
_CLUSTER_ID = re.compile(
    r"/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/resourceGroups/[\w().-]{0,89}[\w()-]"
    r"/providers/Microsoft\.ContainerService/managedClusters/[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
_ENDPOINT = re.compile(r"https://[\w.-]+(:\d+)?|http://(127\.0\.0\.1|localhost)(:\d+)?")

MOST_SECONDS = 5.0
THREAD = "capacity-check"
_CONNECT_SECONDS, _READ_SECONDS = 2.0, 3.0
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Capacity:
    """`has_room` is None where it could not be told; `reason` is one sentence, without names or addresses."""

    has_room: bool | None
    reason: str


class _Told(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _PowerState(_Told):
    code: str


class _Pool(_Told):
    count: int | None = None
    enable_auto_scaling: bool | None = None
    max_count: int | None = None
    power_state: _PowerState | None = None

    @property
    def has_room(self) -> bool:
        runs = self.power_state is None or self.power_state.code == "Running"
        may_scale = bool(self.enable_auto_scaling) and (self.max_count or 0) > 0
        return runs and ((self.count or 0) > 0 or may_scale)


class _Properties(_Told):
    power_state: _PowerState
    agent_pool_profiles: list[_Pool] = []


class _Cluster(_Told):
    properties: _Properties


def check() -> Capacity:
    """Ask Azure Resource Manager for the cluster, once, for MOST_SECONDS at the very most; never raises."""
    cluster_id = settings().blast_aks_resource_id
    endpoint = settings().blast_arm_endpoint.rstrip("/")
    if not _CLUSTER_ID.fullmatch(cluster_id):
        return Capacity(None, "The configured resource id is not that of an AKS cluster.")
    if not _ENDPOINT.fullmatch(endpoint):
        return Capacity(None, "The configured address of Azure Resource Manager is not https.")
    found: list[Capacity] = []
    # A thread, as no timeout of the client covers name look-up, the token and a body that trickles.
    probe = Thread(target=_probe, args=(endpoint, cluster_id, found), name=THREAD, daemon=True)
    probe.start()
    probe.join(MOST_SECONDS)
    return found[0] if found else Capacity(None, "Azure Resource Manager gave no answer in time.")


def _probe(endpoint: str, cluster_id: str, found: list[Capacity]) -> None:
    found.append(_asked(endpoint, cluster_id))


def _asked(endpoint: str, cluster_id: str) -> Capacity:
    from azure.core import PipelineClient
    from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
    from azure.core.rest import HttpRequest

    url = f"{endpoint}{quote(cluster_id, safe='/()')}"
    request = HttpRequest("GET", url, params={"api-version": API_VERSION})
    timeouts: dict[str, Any] = {"connection_timeout": _CONNECT_SECONDS, "read_timeout": _READ_SECONDS}
    try:
        with (
            PipelineClient[Any, Any](endpoint, policies=_policies(endpoint), **timeouts) as client,
            client.send_request(request, stream=True) as response,
        ):
            return _told(response)
    except ClientAuthenticationError:
        return Capacity(None, "The app has no identity to ask Azure Resource Manager with.")
    except (ServiceRequestError, ServiceResponseError) as error:
        log.warning("capacity check: %s", type(error).__name__)
        return Capacity(None, "Azure Resource Manager gave no answer.")
    except Exception:
        log.exception("capacity check failed")
        return Capacity(None, "The cluster could not be asked for.")


def _policies(endpoint: str) -> list[Any]:
    """No retries, no redirects, and a token over https only."""
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, HeadersPolicy

    policies: list[Any] = [HeadersPolicy({"Accept": "application/json"})]
    if endpoint.startswith("https:"):
        policies.append(BearerTokenCredentialPolicy(_credential(connection()), f"{endpoint}/.default"))
    return policies


@cache
def _credential(asked_by: Connection) -> TokenCredential:
    """One a process: it remembers its token."""
    return credential(asked_by)


def _told(response: HttpResponse) -> Capacity:
    if response.status_code in (401, 403):
        return Capacity(None, "The app has no permission to see the AKS cluster.")
    if response.status_code == 404:
        return Capacity(None, "There is no AKS cluster of the configured resource id.")
    if response.status_code != 200:
        return Capacity(None, f"Azure Resource Manager answered with status {response.status_code}.")
    body = bytearray()
    for block in response.iter_bytes():
        body += block
        if len(body) > _MOST_BYTES:
            break
    try:
        cluster = _Cluster.model_validate_json(bytes(body)).properties
    except ValidationError:
        return Capacity(None, "Azure Resource Manager's answer was not understood.")
    return _judged(cluster)


def _judged(cluster: _Properties) -> Capacity:
    if cluster.power_state.code != "Running":
        return Capacity(False, "The AKS cluster is stopped.")
    if not any(pool.has_room for pool in cluster.agent_pool_profiles):
        return Capacity(False, "No node pool of the AKS cluster has nodes or may scale to some.")
    return Capacity(True, "The AKS cluster runs and has room.")
