"""Many pieces of a picture through one model: a few at a time, side by side."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .sessions import Session
from .workers import shares, side_by_side


def answers(
    session: Session,
    outputs: Sequence[str],
    pieces: NDArray[np.uint8],
    tensor: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    threads: int,
) -> list[NDArray[np.float32]]:
    """The model's `outputs` for at least one piece, each in order of the pieces; `tensor` makes the input of those that
    run together."""
    (name,) = session.inputs
    parts = side_by_side(
        lambda share: session.run(list(outputs), {name: tensor(pieces[share])}), shares(len(pieces), threads), threads
    )
    return [np.concatenate(part) for part in zip(*parts, strict=True)]
