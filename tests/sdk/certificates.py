"""A CA for one test run: what it issues is trusted only by the processes that are given its certificate."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a CA for one test run")])
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """`authority`: the CA's certificate. `server`: one for the hosts that were named, with its key."""

    authority: Path
    server: Path


def issue(folder: Path, *hosts: str) -> Certificates:
    """Written to `folder`, valid from yesterday until tomorrow."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_usage = x509.KeyUsage(*(use == "key_cert_sign" for use in _USES))
    constraint = x509.BasicConstraints(ca=True, path_length=0)
    authority = _certificate(_ISSUER, ca_key).add_extension(constraint, critical=True)
    authority = authority.add_extension(ca_usage, critical=True)
    named = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    leaf = _certificate(subject, key).add_extension(named, critical=False)
    paths = Certificates(folder / "authority.pem", folder / "server.pem")
    paths.authority.write_bytes(authority.sign(ca_key, SHA256()).public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    paths.server.write_bytes(private + leaf.sign(ca_key, SHA256()).public_bytes(Encoding.PEM))
    return paths


def _certificate(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_ISSUER)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
