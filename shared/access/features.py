"""Limited access: what an owner has to approve before anybody is served it, as Azure Face divides it.

What Azure serves without approval (detection, landmarks, attributes), and what makes data go away, needs none here."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from shared.access.actions import SESSION
from shared.errors import UnsupportedFeature


class Feature(StrEnum):
    """By the names that FACE_APPROVED_FEATURES takes."""

    IDENTIFICATION = "identification"
    VERIFICATION = "verification"
    LIVENESS = "liveness"


Need = tuple[frozenset[Feature], ...]
"""Of each set one must be approved."""

NOTHING: Need = ()
IDENTIFICATION: Need = (frozenset({Feature.IDENTIFICATION}),)
VERIFICATION: Need = (frozenset({Feature.VERIFICATION}),)
LIVENESS: Need = (frozenset({Feature.LIVENESS}),)
RECOGNITION: Need = (frozenset({Feature.IDENTIFICATION, Feature.VERIFICATION}),)
"""What serves both: a template, a collection of them."""

NEEDS: dict[str, Need] = {
    "detect": NOTHING,  # but for its faceIds: FACE_IDS
    "verify": VERIFICATION,
    "identify": IDENTIFICATION,
    "findsimilars": IDENTIFICATION,
    "group": IDENTIFICATION,
    **dict.fromkeys(("facelists", "largefacelists", "persongroups", "largepersongroups"), RECOGNITION),
    **dict.fromkeys(("persons", "dynamicpersongroups"), RECOGNITION),
    "detectliveness": LIVENESS,
    "detectlivenesswithverify": LIVENESS + VERIFICATION,
    "session": LIVENESS,  # pictures of sessions
    "settings": NOTHING,
    "operations": NOTHING,
    "snapshots": NOTHING,  # refused whoever asks
    "privacy": NOTHING,  # a data subject's rights hang on no approval
}
"""What the data actions on a resource need, by the first word of their name."""

FACE_IDS = RECOGNITION
"""What Detect needs to give faceIds."""


def needed(action: str) -> Need:
    """Raises ValueError for a data action of a resource that is not known: such an operation cannot be declared."""
    if action == SESSION:
        return LIVENESS
    resource, _, rest = action.partition("/")
    if resource not in NEEDS or not rest:
        raise ValueError(f"no such data action: {action}")
    return NOTHING if rest.rpartition("/")[2] == "delete" else NEEDS[resource]


class Approvals:
    def __init__(self, approved: AbstractSet[str]) -> None:
        """`approved`: names of features."""
        self._approved = frozenset(map(Feature, approved))

    def check(self, need: Need) -> None:
        """Raises UnsupportedFeature, with the contract's message."""
        lacking = [choice for choice in need if not choice & self._approved]
        if lacking:
            names = ", ".join(feature.capitalize() for feature in Feature if any(feature in one for one in lacking))
            raise UnsupportedFeature(f"{MISSING}{names}. FACE_APPROVED_FEATURES names what is approved.")


MISSING = "Feature is not supported, missing approval for one or more of the following features: "
