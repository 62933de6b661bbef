"""Many pieces of a picture through one model: a few at a time, side by side."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .sessions import Session
from .workers import shares, side_by_side


def answers(
    session: Session,
    output: str,
    pieces: NDArray[np.uint8],
    tensor: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    threads: int,
) -> NDArray[np.float32]:
    """The model's `output` for at least one piece, in order; `tensor` makes the input of those that run together."""
    (name,) = session.inputs
    parts = side_by_side(
        lambda share: session.run([output], {name: tensor(pieces[share])})[0], shares(len(pieces), threads), threads
    )
    return np.concatenate(parts)
