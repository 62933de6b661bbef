"""Storage without keys: an Azurite over TLS that takes Entra ID tokens, and an endpoint that gives a managed identity
such tokens, as the Functions platform does. Azurite looks at a token's claims, not at its signature."""

import http.server
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.local import node, ports
from infra.local.azurite import ACCOUNT, INSTALLED, PROGRAM
from tests.servers import http_server

HEADER = "identity-header-of-the-tests"
CLIENT = "11111111-2222-3333-4444-555555555555"
KINDS = ("blob", "queue", "table")


def token(audience: str = "https://storage.azure.com") -> str:
    now = int(time.time())
    claims = {
        "iss": "https://sts.windows.net/tenant/",
        "aud": audience,
        "nbf": now - 60,
        "iat": now - 60,
        "exp": now + 3600,
    }
    return jwt.encode(claims, "0" * 32, algorithm="HS256")


@dataclass
class Identity:
    """The endpoint of a managed identity. `audience`: of its tokens; empty: what they are asked for. `asked`: the
    queries that came with the right header."""

    url: str = ""
    audience: str = ""
    lifetime: int = 3600
    asked: list[dict[str, str]] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """As the platform sets them."""
        return {"IDENTITY_ENDPOINT": self.url, "IDENTITY_HEADER": HEADER}


@contextmanager
def identity() -> Iterator[Identity]:
    found = Identity()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.close_connection = True
            if self.headers.get("X-IDENTITY-HEADER") != HEADER:
                self.send_error(403)
                return
            found.asked.append({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})
            expires = str(int(time.time()) + found.lifetime)
            audience = found.audience or found.asked[-1]["resource"]
            body = json.dumps({"access_token": token(audience), "expires_on": expires}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with http_server(Handler) as port:
        found.url = f"http://127.0.0.1:{port}/msi/token"
        yield found


@dataclass(frozen=True)
class KeylessStorage:
    """`endpoints` by kind. `certificate`: what clients must trust."""

    endpoints: Mapping[str, str]
    certificate: Path

    @property
    def connection_string(self) -> str:
        places = ";".join(f"{kind.capitalize()}Endpoint={url}" for kind, url in self.endpoints.items())
        return f"{places};ClientId={CLIENT}"

    def settings(self) -> dict[str, str]:
        """As the app settings name it."""
        places = {f"AzureWebJobsStorage__{kind}ServiceUri": url for kind, url in self.endpoints.items()}
        return {**places, "AzureWebJobsStorage__clientId": CLIENT}


@contextmanager
def keyless_storage(folder: Path) -> Iterator[KeylessStorage]:
    certificate, key = _certificate(folder)
    chosen = dict(zip(KINDS, ports.free_ports(3), strict=True))
    runtime = node.find_node(Path(sys.executable).parent)
    assert runtime is not None
    places = [word for kind, port in chosen.items() for word in (f"--{kind}Port", str(port))]
    safe = ["--oauth", "basic", "--cert", str(certificate), "--key", str(key)]
    rest = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder / "data")]
    with subprocess.Popen([runtime, INSTALLED / PROGRAM, *places, *safe, *rest]) as process:
        try:
            deadline = time.monotonic() + 30
            while ports.are_free(list(chosen.values())[-1:]) and time.monotonic() < deadline:
                time.sleep(0.05)
            endpoints = {kind: f"https://127.0.0.1:{port}/{ACCOUNT}" for kind, port in chosen.items()}
            yield KeylessStorage(endpoints, certificate)
        finally:
            process.terminate()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Self-signed, for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "azurite")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret
