"""The secrets of one Key Vault, over its REST interface: two documented calls, and nothing to install."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

VERSION = "7.4"
SECONDS = 30.0


class VaultError(Exception):
    """The vault does not do what it was asked. The text holds no secret."""


@dataclass(frozen=True, slots=True)
class Vault:
    """`url`: https://NAME.vault.azure.net. `token`: answers an access token for it."""

    url: str
    token: Callable[[], str] = field(repr=False)

    def has(self, name: str) -> bool:
        """Raises VaultError."""
        return self._asked("GET", name, None) is not None

    def put(self, name: str, value: str) -> None:
        """A new version of that secret. Raises VaultError."""
        if self._asked("PUT", name, {"value": value, "contentType": "text/plain"}) is None:
            raise VaultError(f"{name} could not be written: the vault answered 404")

    def _asked(self, method: str, name: str, body: dict[str, str] | None) -> dict[str, Any] | None:
        """None for 404. Answers hold secrets, so of one that is refused only the status is told."""
        where = urlsplit(self.url)
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = kind(where.netloc, timeout=SECONDS)
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        try:
            path = f"/secrets/{name}?api-version={VERSION}"
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise VaultError(f"{where.netloc} does not answer: {type(error).__name__}") from None
        finally:
            connection.close()
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise VaultError(f"{name}: {where.netloc} answered {answer.status}. {HINTS.get(answer.status, '')}".strip())
        found = json.loads(text)
        return found if isinstance(found, dict) else {}


HINTS = {
    401: "Run `az login` in the vault's tenant.",
    403: "You need the role Key Vault Secrets Officer, and a place in the network that the vault lets in.",
    409: "A secret of that name was deleted: recover it. A key ring that is replaced is lost with every template.",
}
