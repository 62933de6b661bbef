"""https://login.microsoftonline.com on this machine, as far as azure-identity needs it to sign in an app with its
secret: the tenant's configuration, its token endpoint, and the keys that its tokens are signed with."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.issuer import APP, ISSUER_V1, OBJECT, TENANT, claims, public, signed
from tests.sdk.https import https_server

HOST = "login.microsoftonline.com"
SECRET = "a-secret-of-the-app-for-tests"
AUTHORITY = f"https://{HOST}/{TENANT}"
RESOURCE = "https://cognitiveservices.azure.com"
"""What Microsoft's clients of Face ask tokens for, unless they are told otherwise."""

DOCUMENTS = {
    f"/{TENANT}/v2.0/.well-known/openid-configuration": {
        "issuer": f"{AUTHORITY}/v2.0",
        "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
        "token_endpoint": f"{AUTHORITY}/oauth2/v2.0/token",
    },
    "/common/discovery/instance": {
        "tenant_discovery_endpoint": f"{AUTHORITY}/v2.0/.well-known/openid-configuration",
        "metadata": [{"preferred_network": HOST, "preferred_cache": HOST, "aliases": [HOST]}],
    },
    f"/{TENANT}/discovery/v2.0/keys": {"keys": [public("first")]},
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """`issued`: one text for each token that was given out, with what it was for. `asked`: paths of the rest."""

    port: int
    issued: list[str]
    asked: list[str]


def granted(form: dict[str, list[str]]) -> dict[str, Any] | None:
    """The answer of the token endpoint to an app that knows its secret; else None."""
    asked = {name: values[0] for name, values in form.items()}
    if (asked.get("client_id"), asked.get("client_secret")) != (APP, SECRET):
        return None
    if asked.get("grant_type") != "client_credentials" or asked.get("scope") != f"{RESOURCE}/.default":
        return None
    payload = claims(datetime.now(UTC), aud=RESOURCE, iss=ISSUER_V1, azp=None, appid=APP, ver="1.0", roles=None)
    return {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": signed(payload)}


@contextmanager
def sign_in(certificate: Path) -> Iterator[SignIn]:
    issued: list[str] = []
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            asked.append(path)
            self._answer(200 if path in DOCUMENTS else 404, DOCUMENTS.get(path, {}))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = granted(form) if urlsplit(self.path).path == f"/{TENANT}/oauth2/v2.0/token" else None
            if answer is None:
                self._answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: no such app"})
                return
            issued.append(f"{form['scope'][0]} for {OBJECT}")
            self._answer(200, answer)

        def _answer(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with https_server(certificate, Handler) as port:
        yield SignIn(port, issued, asked)
