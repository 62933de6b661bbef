"""The key ring as a secret of Azure's Key Vault, read as the app's managed identity."""

import json
import time
from collections.abc import Callable
from functools import cache
from http.client import HTTPException

from azure.core.exceptions import ClientAuthenticationError

from shared.store.identity import managed_identity
from shared.store.key_ring import KeyRing, KeyRingAway, KeyRingError
from shared.store.vault import SCOPE, ask

SECONDS = 3.0
TRIES = 2
SHARED_SECONDS = 1.0
"""Whoever waited while a vault was asked in vain is told the same, rather than ask it in vain once more."""
HINTS = {
    401: "the token that the managed identity gave is not one for this vault",
    403: "the identity needs the role Key Vault Secrets User, and the vault has to let this network in",
    404: "there is no such secret",
}


class VaultRing:
    """`url`: of the secret, without a version: what is read is the newest."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url = url
        self._token = token
        self._away: tuple[float, str] | None = None

    def load(self) -> KeyRing:
        """Raises KeyRingAway, and where asking again is no help KeyRingError; neither holds a key or a token."""
        if self._away and time.monotonic() - self._away[0] < SHARED_SECONDS:
            raise KeyRingAway(self._away[1])
        try:
            return KeyRing.parse(self._value(), self._url)
        except KeyRingAway as away:
            self._away = (time.monotonic(), str(away))
            raise

    def _value(self) -> str:
        status, document = self._answered()
        if status != 200:
            hint = HINTS.get(status, "")
            raise KeyRingError(f"the key ring {self._url}: the vault answered {status}" + (f": {hint}" if hint else ""))
        try:
            return str(json.loads(document)["value"])
        except (ValueError, KeyError, TypeError):
            raise KeyRingError(f"the key ring {self._url}: what answered is no vault") from None

    def _answered(self) -> tuple[int, bytes]:
        """What the vault says, where it does. Raises KeyRingAway."""
        why = ""
        for _ in range(TRIES):
            try:
                status, document = ask("GET", self._url, self._token(), SECONDS)
            except ClientAuthenticationError as error:
                raise KeyRingAway(f"the key ring {self._url}: {error.message}") from None
            except (OSError, HTTPException, UnicodeError) as error:  # the last: no name that can be looked up
                why = f"the vault does not answer: {type(error).__name__}"
            else:
                if status != 429 and status < 500:
                    return status, document
                why = f"the vault answered {status}"
        raise KeyRingAway(f"the key ring {self._url}: {why}")


@cache
def vault_ring(url: str, client_id: str) -> VaultRing:
    """One for the process, so that its waits are shared. `client_id`: of the identity; empty: the app's own."""
    identity = managed_identity(client_id)
    return VaultRing(url, lambda: identity.get_token(SCOPE).token)
