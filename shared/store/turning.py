"""Turns templates by a secret rotation before they are stored, and back.

Cosines do not change when both sides are turned alike, but what is turned by one secret says nothing about what is
turned by another: the templates of two deployments, or of one before and after a change of its key, cannot be linked
by whoever gets to see them unsealed, unless the key ring is at hand too.

Turning back gives the same bits, however often and under whichever keys: a template's numbers are multiples of GRID,
and the stored ones are off by so little that the nearest multiple is the right one. For x of length 1, each turned
number is rounded to float32, so off by at most 2^-24 of itself; all errors together have a length of at most 2^-24;
turning back keeps lengths, so no number is off by more than 2^-24, a quarter of GRID. The products are in double
precision, which adds 1e-14.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as Stream
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from numpy.typing import NDArray

GRID = 2.0**-22
"""As fine as can be with the proof above, and finer than the cosine of two templates is known to."""


@dataclass(frozen=True, slots=True)
class Turning:
    """By the rotation that a secret of 32 bytes stands for."""

    secret: bytes = field(repr=False)

    def turn(self, templates: NDArray[np.float32]) -> NDArray[np.float32]:
        """[n,d], rows of unit length, rounded to GRID on the way."""
        return (_whole(templates) @ rotation(self.secret, templates.shape[1])).astype(np.float32)

    def back(self, templates: NDArray[np.float32]) -> NDArray[np.float32]:
        """[n,d]: exactly what was rounded to GRID."""
        return rounded(templates.astype(np.float64) @ rotation(self.secret, templates.shape[1]).T)


def rounded(templates: NDArray[np.floating]) -> NDArray[np.float32]:
    """As they come back."""
    return _whole(templates).astype(np.float32)


def _whole(templates: NDArray[np.floating]) -> NDArray[np.float64]:
    exact: NDArray[np.float64] = np.rint(templates.astype(np.float64) / GRID) * GRID + 0.0  # one zero, not two
    return exact


@lru_cache(maxsize=16)
def rotation(secret: bytes, size: int) -> NDArray[np.float64]:
    """Orthogonal, [size,size], any of them equally likely: of a matrix of normal numbers, the Q of its QR with a
    positive diagonal of R, which is unique (Mezzadri, How to generate random matrices from the classical compact
    groups, 2007)."""
    q, r = np.linalg.qr(_normal(secret, size * size).reshape(size, size))
    return np.ascontiguousarray(q * np.sign(np.diag(r)))


def _normal(secret: bytes, count: int) -> NDArray[np.float64]:
    """Numbers from the key stream of AES in counter mode, by Box and Muller: the same on every machine and in every
    version of NumPy, but for a last bit that does not matter."""
    pairs = -(-count // 2)
    stream = Stream(AES(secret), CTR(bytes(16))).encryptor().update(bytes(16 * pairs))
    uniform = (np.frombuffer(stream, "<u8") >> np.uint64(11)).astype(np.float64) * 2.0**-53
    radius = np.sqrt(-2.0 * np.log1p(-uniform[:pairs]))
    angle = 2.0 * np.pi * uniform[pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
