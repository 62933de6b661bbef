"""Clients of the storage account that a connection string means.

One with a key or a signature is what Azure's clients take. One without names the endpoints only
("BlobEndpoint=https://...;QueueEndpoint=...;TableEndpoint=..."): then a managed identity is asked for access, the one
that ClientId names, or the app's own.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from shared import telemetry
from shared.store.identity import managed_identity

# Of every call they would log a dozen lines, and name its row: a key may be a reference to a person.
for chatty in ("azure.core.pipeline.policies.http_logging_policy", "urllib3.connectionpool"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

SECRETS = {"accountkey", "sharedaccesssignature"}


def table_service(connection_string: str, **options: Any) -> TableServiceClient:
    """Raises ValueError where the connection string is malformed."""
    options = {**options, **_hooks("table", options)}
    if endpoint := _without_key(connection_string, "TableEndpoint"):
        return TableServiceClient(endpoint, credential=_identity(connection_string), **options)
    return TableServiceClient.from_connection_string(connection_string, **options)


def blob_service(
    connection_string: str, credential: TokenCredential | None = None, **options: Any
) -> BlobServiceClient:
    """`credential`: somebody else than the managed identity. Raises ValueError where the connection string is
    malformed."""
    options = {**options, **_hooks("blob", options)}
    if endpoint := _without_key(connection_string, "BlobEndpoint"):
        return BlobServiceClient(endpoint, credential=credential or _identity(connection_string), **options)
    return BlobServiceClient.from_connection_string(connection_string, **options)


def queue(connection_string: str, name: str, **options: Any) -> QueueClient:
    """Raises ValueError where the connection string is malformed."""
    options = {**options, **_hooks("queue", options)}
    if endpoint := _without_key(connection_string, "QueueEndpoint"):
        return QueueClient(endpoint, name, credential=_identity(connection_string), **options)
    return QueueClient.from_connection_string(connection_string, name, **options)


def _identity(connection_string: str) -> TokenCredential:
    return managed_identity(_parts(connection_string).get("ClientId", ""))


def _without_key(connection_string: str, endpoint: str) -> str:
    """The endpoint, where an identity is to be used; else empty. Raises ValueError: a token goes over TLS only."""
    parts = _parts(connection_string)
    if SECRETS & {name.strip().lower() for name in parts} or endpoint not in parts:
        return ""
    if urlsplit(parts[endpoint]).scheme != "https":
        raise ValueError(f"{endpoint} is not https")
    return parts[endpoint].rstrip("/")


def _parts(connection_string: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in connection_string.split(";") if "=" in part)


def _hooks(service: str, options: Mapping[str, Any]) -> dict[str, Callable[[Any], None]]:
    """Times each call; a hook that the caller has for answers is called too."""
    after = options.get("raw_response_hook")

    def began(request: PipelineRequest[Any]) -> None:
        request.context["began"] = time.perf_counter()

    def ended(response: PipelineResponse[Any, Any]) -> None:
        seconds = time.perf_counter() - response.context["began"]
        method, status = response.http_request.method, response.http_response.status_code
        words = {"service": service, "method": method, "status": status}
        telemetry.past("ownface.storage.duration", f"storage {service} {method}", seconds, **words)
        if after:
            after(response)

    return {"raw_request_hook": began, "raw_response_hook": ended}
