"""Which found thing is which labelled one."""

import numpy as np
from numpy.typing import NDArray


def one_to_one(fit: NDArray[np.float64], least: float) -> dict[int, int]:
    """Row -> column of `fit` [rows,columns]: the best fit first, each row and column once, none below `least`."""
    pairs: dict[int, int] = {}
    left = fit.copy()
    while left.size and left.max() >= least:
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        pairs[int(row)] = int(column)
        left[row, :] = left[:, column] = -np.inf
    return pairs
