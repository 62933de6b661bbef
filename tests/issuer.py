"""An issuer of access tokens on this machine, as Entra ID is one: real RSA keys, and its key set behind real HTTP."""

import base64
import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers import http_server

TENANT = "5ab6ed31-4f2c-4bd5-8a3c-0c1f3f6f7a10"
AUDIENCE = "api://ownface-tests"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
ISSUER_V1 = f"https://sts.windows.net/{TENANT}/"
OBJECT = "0f1d0c4e-27ab-4d58-9f6c-7d8e9a0b1c2d"
APP = "7f8f1f35-0e3c-4f5e-a1a5-3a2f2a1f6e90"
LIFE = 3600


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same for a name in every test: making one takes a tenth of a second."""
    del name
    return rsa.generate_private_key(65537, bits)


def claims(now: datetime, **changes: Any) -> dict[str, Any]:
    """Those of an app that calls for itself as FaceUser; a change to None leaves a claim out."""
    born = int(now.timestamp())
    whole = {
        "aud": AUDIENCE,
        "iss": ISSUER,
        "iat": born,
        "nbf": born,
        "exp": born + LIFE,
        "azp": APP,
        "azpacr": "1",
        "oid": OBJECT,
        "roles": ["FaceUser"],
        "sub": OBJECT,
        "tid": TENANT,
        "uti": "kq1Y0cLDGE6tq0Gg7Y0bAA",
        "ver": "2.0",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def delegated(now: datetime, scope: str, **changes: Any) -> dict[str, Any]:
    """Those of an app that calls for a user."""
    return claims(now, **({"scp": scope, "azpacr": "0"} | changes))


def signed(payload: Any, key: str = "first", headers: dict[str, Any] | None = None, algorithm: str = "RS256") -> str:
    named = {"kid": key} | (headers or {})
    kept = {name: value for name, value in named.items() if value is not None}
    return jwt.PyJWS().encode(json.dumps(payload).encode(), private_key(key), algorithm, kept)


def part(value: Any) -> str:
    """A part of a token: JSON, or text or bytes as they are."""
    octets = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def hand_signed(header: Any, payload: Any, key: str = "first") -> str:
    """Signed with RS256 whatever the header says, of parts that no library would write."""
    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(jwt.get_algorithm_by_name('RS256').sign(text.encode(), private_key(key)))}"


def public(name: str, **changes: Any) -> dict[str, Any]:
    """An entry of a key set."""
    entry: dict[str, Any] = jwt.get_algorithm_by_name("RS256").to_jwk(private_key(name).public_key(), as_dict=True)
    whole = {**entry, "kid": name, "use": "sig"} | changes
    return {name: value for name, value in whole.items() if value is not None}


@dataclass
class Issuer:
    """`url`: of its key set. `document`: what is answered there, with `status`. `asked`: how often it was."""

    url: str = ""
    status: int = 200
    document: Any = field(default_factory=lambda: {"keys": [public("first")]})
    asked: int = 0


@contextmanager
def issuer() -> Iterator[Issuer]:
    found = Issuer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            document = found.document
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(found.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with http_server(Handler) as port:
        found.url = f"http://127.0.0.1:{port}/keys"
        yield found
