"""Keys for a purpose, derived (HKDF) from the keys of the ring: so every process has the same, with nothing more to
share, and they rotate with the ring."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM = "ES256"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SCALAR_BYTES = 40  # 64 bits more than the order has, so that the remainder is not biased (FIPS 186-5, A.2.1)


def es256_key(key: bytes, purpose: bytes) -> ec.EllipticCurvePrivateKey:
    """`key`: one of the ring."""
    raw = secret(key, purpose, SCALAR_BYTES)
    return ec.derive_private_key(int.from_bytes(raw) % (P256_ORDER - 1) + 1, ec.SECP256R1())


def secret(key: bytes, purpose: bytes, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(key)
