"""Counted errors as rates, with what so many trials can say about them."""

from math import ceil, sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)

RULE_OF_30 = 30
"""Errors from which on a rate is within 30 per cent of the true one with 90 per cent confidence (Doddington 1998)."""
RULE_OF_3 = 3
"""With no error in n independent trials the rate is below 3/n with 95 per cent confidence."""


def wilson(count: int, trials: int) -> tuple[float, float]:
    """The 95 per cent interval of a proportion of independent trials (Wilson 1927); 0 to 1 of none."""
    if trials == 0:
        return 0.0, 1.0
    share, spread = count / trials, _Z**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / trials + spread / trials / 4)
    return (middle - half if count else 0.0), (middle + half if count < trials else 1.0)


def support(rate: float, trials: int) -> str:
    """What `trials` say about an error rate: "none", "weak" (rule of 3), or "full" (rule of 30)."""
    expected = rate * trials + 1e-9
    if expected < RULE_OF_3:
        return "none"
    return "weak" if expected < RULE_OF_30 else "full"


def trials_for(rate: float, errors: int) -> int:
    """How many trials bring so many errors."""
    return ceil(errors / rate - 1e-9)
