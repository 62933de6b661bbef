"""A Key Vault on this machine: the two documented calls for a secret, versions and all, for whoever shows a token that
is meant for a vault."""

import http.server
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jwt

from tests.sdk.https import https_server
from tests.servers import http_server

AUDIENCE = "https://vault.azure.net"


@dataclass
class KeyVault:
    """`secrets`: the versions of each by name. `status`: answers that and nothing else. `seconds`: before each answer.
    `elsewhere`: where every answer says that the secret is. `asked`: methods and names, of those who may."""

    url: str = ""
    secrets: dict[str, list[str]] = field(default_factory=dict)
    status: int = 0
    seconds: float = 0.0
    elsewhere: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def newest(self, name: str) -> tuple[int, dict[str, Any]]:
        """Status and document, as the vault answers them."""
        versions = self.secrets.get(name)
        if not versions:
            return 404, {"error": {"code": "SecretNotFound"}}
        return 200, {"value": versions[-1], "id": f"{self.url}/secrets/{name}/{len(versions):032x}"}


@contextmanager
def key_vault(certificate: Path | None = None, host: str = "127.0.0.1") -> Iterator[KeyVault]:
    """Over TLS where there is a certificate, for that host."""
    found = KeyVault()
    server = https_server(certificate, _handler(found)) if certificate else http_server(_handler(found))
    with server as port:
        found.url = f"{'https' if certificate else 'http'}://{host}:{port}"
        yield found


def _handler(vault: KeyVault) -> type["Handler"]:
    return type("Handler", (Handler,), {"vault": vault})


class Handler(http.server.BaseHTTPRequestHandler):
    vault: KeyVault

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._admitted() and not self.vault.status:
            self.vault.secrets.setdefault(self._name(), []).append(body["value"])
        self._answer()

    def _name(self) -> str:
        path, _, query = self.path.partition("?")
        assert query == "api-version=7.4"
        return path.removeprefix("/secrets/")

    def _admitted(self) -> bool:
        try:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return False
        return bool(claims["aud"] == AUDIENCE)

    def _answer(self) -> None:
        time.sleep(self.vault.seconds)
        status, document = self.vault.newest(self._name())
        if self._admitted():
            self.vault.asked.append((self.command, self._name()))
        else:
            status, document = 401, {"error": {"code": "Unauthorized"}}
        body = json.dumps(document).encode()
        self.send_response(HTTPStatus(self.vault.status or status))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", self.vault.elsewhere)
        with suppress(OSError):  # whoever asked may have waited long enough
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return
