"""The app's managed identity as Azure's clients take it.

One documented GET, without azure-identity, which would cost a cold start more than the call takes:

    {IDENTITY_ENDPOINT}?resource=...&api-version=2019-08-01    with the header X-IDENTITY-HEADER
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import ClientAuthenticationError

VERSION = "2019-08-01"
SECONDS = 5.0
FRESH_SECONDS = 300.0  # a token that expires sooner is asked for anew


class ManagedIdentity:
    """A TokenCredential."""

    def __init__(self, client_id: str = "", environment: Mapping[str, str] = os.environ) -> None:
        """`client_id`: of a user-assigned identity; without it the app's own is meant. `environment`: where the
        platform says how to ask."""
        self._client_id = client_id
        self._environment = environment
        self._tokens: dict[str, AccessToken] = {}
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """For one scope, "https://storage.azure.com/.default". Raises ClientAuthenticationError."""
        resource = scopes[0].removesuffix("/.default")
        with self._lock:
            known = self._tokens.get(resource)
            if known is None or known.expires_on - time.time() < FRESH_SECONDS:
                known = self._tokens[resource] = self._asked(resource)
            return known

    def _asked(self, resource: str) -> AccessToken:
        endpoint, header = (self._environment.get(f"IDENTITY_{name}", "") for name in ("ENDPOINT", "HEADER"))
        if not endpoint or not header:
            raise ClientAuthenticationError("there is no managed identity here")
        query = {"resource": resource, "api-version": VERSION}
        if self._client_id:
            query["client_id"] = self._client_id
        where = urlsplit(endpoint)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=SECONDS)  # it is on this machine
        try:
            connection.request("GET", f"{where.path}?{urlencode(query)}", headers={"X-IDENTITY-HEADER": header})
            answer = connection.getresponse()
            document = json.loads(answer.read())
            return AccessToken(str(document["access_token"]), int(document["expires_on"]))
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:  # the answer's text may hold a token
            reason = type(error).__name__
            raise ClientAuthenticationError(f"the managed identity gave no token: {reason}") from None
        finally:
            connection.close()


_person: TokenCredential | None = None


def act_as(person: TokenCredential) -> None:
    """For commands that somebody runs at a desk: who has logged in there stands where the app's identity would."""
    global _person
    _person = person


def managed_identity(client_id: str) -> TokenCredential:
    """Whoever reaches storage and vault for this process."""
    return _person or own_identity(client_id)


@cache
def own_identity(client_id: str) -> ManagedIdentity:
    """One for the process: its tokens are good for every client."""
    return ManagedIdentity(client_id)
