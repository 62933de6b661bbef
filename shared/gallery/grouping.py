"""Faces that look like one person's, put together without knowing anybody.

Average linkage: from each face alone, the two groups with the highest mean cosine between their faces are merged until
no two reach the minimum. BCubed F over 13 sets with the fused recogniser, each way at its best confidence in steps of
0.05, and with the confidence 0.1 lower, where it starts to put strangers together:

    way                         best at    mean     worst set    mean at 0.1 less
    average linkage             0.40       0.995    0.988        0.985
    cosine of mean templates    0.45       0.994    0.985        0.981
    single linkage              0.45       0.994    0.983        0.959
    complete linkage            0.35       0.992    0.983        0.977

The sets: LFW as its group.csv, as 100, 300 and 1,000 random pictures and as all pictures of 50, 130 and 420 random
people; 820 of its pictures with ORL, Yale and Azure; and ORL, Yale, DeepFace, dlib and Azure alone.
"""

import numpy as np
from numpy.typing import NDArray

TOGETHER = 0.4
"""The best minimum, on the confidence scale: one false match in 10,000.

Mean pairwise precision and completeness over these sets are 0.997 and 0.980; at 0.35 they are 0.974 and 0.987, at 0.45
0.998 and 0.961. It is less than the 0.5 of one pair, since a mean over several faces has less chance in it.
"""


def group(templates: NDArray[np.float32], minimum: float) -> list[list[int]]:
    """Which of the unit rows [n,d] belong together: groups of row numbers, of one row too, each ascending.

    The largest group comes first, of equal ones that with the least row. `minimum` is the mean cosine
    that two groups need to be one. Who is with whom does not depend on the order of the rows.
    """
    if not len(templates):
        return []
    # Equal means are met in the order of the rows; an order that the rows themselves give is the same for every input.
    order = np.argsort(np.ascontiguousarray(templates).view(f"V{templates.itemsize * templates.shape[1]}").ravel())
    ordered = templates[order]
    product = (ordered @ ordered.T).astype(np.float64)
    # Exactly symmetric, or a chain might go round in circles.
    groups = [sorted(order[rows].tolist()) for rows in _cluster((product + product.T) / 2, minimum)]
    return sorted(groups, key=lambda rows: (-len(rows), rows[0]))


def _cluster(means: NDArray[np.float64], minimum: float) -> list[list[int]]:
    """Nearest-neighbour chain (Murtagh 1983) over mean cosines [n,n], which it uses up. O(n²).

    From a group to its nearest, from there to the nearest of that, until two are each other's nearest: they are merged.
    With average linkage this gives the same groups as merging the two nearest of all each time, and a group whose
    nearest is below `minimum` is finished: no merge of others brings one nearer.
    """
    np.fill_diagonal(means, -np.inf)
    rows = {row: [row] for row in range(len(means))}
    finished: list[list[int]] = []
    chain: list[int] = []
    while rows:
        last = chain[-1] if chain else next(iter(rows))
        nearest = int(means[last].argmax())
        if not means[last, nearest] >= minimum:
            finished.append(rows.pop(last))
            means[last] = means[:, last] = -np.inf
            chain = []
        elif len(chain) > 1 and means[last, chain[-2]] == means[last, nearest]:
            _merge(means, rows, *chain[-2:])
            chain = chain[:-2]
        else:
            chain = [*(chain or [last]), nearest]
    return finished


def _merge(means: NDArray[np.float64], rows: dict[int, list[int]], one: int, other: int) -> None:
    """`one` takes over the rows of `other`, which is no more."""
    share = len(rows[one]) / (len(rows[one]) + len(rows[other]))
    merged = share * means[one] + (1 - share) * means[other]
    # A mean is never above the greater, but its rounding may be, and then a chain's links would no longer rise.
    merged = np.minimum(merged, np.maximum(means[one], means[other]))
    merged[[one, other]] = -np.inf
    means[one] = means[:, one] = merged
    means[other] = means[:, other] = -np.inf
    rows[one] += rows.pop(other)
