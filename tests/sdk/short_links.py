"""https://aka.ms on this machine: where Microsoft's samples fetch a picture from.

A TLS server with a certificate of a CA made for the run, which only the service's process trusts (SSL_CERT_FILE), and
an address book that leads that process alone to it (serve.py). The service resolves, checks, connects, verifies and
follows as it does anywhere: the name stands in the book with a public address, as its guard wants."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "aka.ms"
PUBLIC = "20.70.246.20"  # any public address: nothing is ever sent to it
BOOK = "SDK_TESTS_ADDRESS_BOOK"
"""Variable of serve.py: JSON, host -> [public address, port on this machine that stands for it]."""


@dataclass(frozen=True, slots=True)
class ShortLinks:
    """`variables`: for the process of the service. `port`: where it listens. `asked`: the paths that were asked for."""

    variables: dict[str, str]
    port: int
    asked: list[str]


@contextmanager
def short_links(folder: Path, target: str) -> Iterator[ShortLinks]:
    """Every path redirects to `target`. Keys and certificates are written to `folder`."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(301)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    certificates = _issue(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    book = json.dumps({HOST: [PUBLIC, server.server_port]})
    try:
        yield ShortLinks({BOOK: book, "SSL_CERT_FILE": str(certificates.authority)}, server.server_port, asked)
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True, slots=True)
class _Certificates:
    authority: Path
    server: Path


def _issue(folder: Path) -> _Certificates:
    """A CA, and a certificate for HOST by it, with its key."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a CA for one test run")])
    ca_usage = x509.KeyUsage(*(use == "key_cert_sign" for use in _USES))
    constraint = x509.BasicConstraints(ca=True, path_length=0)
    authority = _certificate(issuer, issuer, ca_key).add_extension(constraint, critical=True)
    authority = authority.add_extension(ca_usage, critical=True)
    named = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    leaf = _certificate(subject, issuer, key).add_extension(named, critical=False)
    paths = _Certificates(folder / "authority.pem", folder / "server.pem")
    paths.authority.write_bytes(authority.sign(ca_key, SHA256()).public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    paths.server.write_bytes(private + leaf.sign(ca_key, SHA256()).public_bytes(Encoding.PEM))
    return paths


_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    """Valid from yesterday until tomorrow, not signed yet."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
