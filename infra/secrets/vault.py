"""The secrets of one Key Vault, as whoever has logged in with `az login` may read and write them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urlsplit

from infra.azure_cli import AzureCli
from shared.store.vault import SCOPE, ask

SECONDS = 30.0


class VaultError(Exception):
    """The vault does not do what it was asked. The text holds no secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """`version`: what no other version of it has."""

    value: str = field(repr=False)
    version: str


@dataclass(frozen=True, slots=True)
class Vault:
    """`url`: https://NAME.vault.azure.net. `token`: answers an access token for it."""

    url: str
    token: Callable[[], str] = field(repr=False)

    @classmethod
    def named(cls, name: str) -> "Vault":
        """By its name or its address."""
        url = name if "://" in name else f"https://{name}.vault.azure.net"
        return cls(url.rstrip("/"), lambda: AzureCli().get_token(SCOPE).token)

    def get(self, name: str) -> Secret | None:
        """Raises VaultError."""
        return self._asked("GET", name, None)

    def put(self, name: str, value: str) -> None:
        """A new version of that secret, whatever is there: a vault has no condition for that. Raises VaultError."""
        if self._asked("PUT", name, json.dumps({"value": value, "contentType": "text/plain"})) is None:
            raise VaultError(f"{name} could not be written: the vault answered 404")

    def _asked(self, method: str, name: str, body: str | None) -> Secret | None:
        """None for 404. Answers hold secrets, so of one that is refused only the status is told."""
        host = urlsplit(self.url).netloc
        try:
            status, text = ask(method, f"{self.url}/secrets/{name}", self.token(), SECONDS, body)
        except (OSError, HTTPException) as error:
            raise VaultError(f"{host} does not answer: {type(error).__name__}") from None
        except ValueError as error:
            raise VaultError(f"{host}: {error}") from None
        if status == 404:
            return None
        if status != 200:
            raise VaultError(f"{name}: {host} answered {status}. {HINTS.get(status, '')}".strip())
        try:
            document = json.loads(text)
            return Secret(str(document["value"]), str(document["id"]))
        except (ValueError, KeyError, TypeError):
            raise VaultError(f"{name}: what answered at {host} is no vault") from None


HINTS = {
    401: "Run `az login` in the vault's tenant.",
    403: "You need the role Key Vault Secrets Officer, and a place in the network that the vault lets in.",
    409: "A secret of that name was deleted: recover it. A key ring that is replaced is lost with every template.",
}
