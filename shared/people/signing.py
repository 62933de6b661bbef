"""Keys to sign with, derived from the keys of the ring."""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from shared.store.derived import derived

ALGORITHM = "ES256"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SCALAR_BYTES = 40  # 64 bits more than the order has, so that the remainder is not biased (FIPS 186-5, A.2.1)


@lru_cache(maxsize=64)
def es256_key(key: bytes, purpose: bytes) -> ec.EllipticCurvePrivateKey:
    """`key`: one of the ring."""
    raw = derived(key, purpose, SCALAR_BYTES)
    return ec.derive_private_key(int.from_bytes(raw) % (P256_ORDER - 1) + 1, ec.SECP256R1())
