"""The two kinds of liveness sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LivenessKind:
    """`path`: how routes begin. `verifies`: whether the client's face is compared with a reference too."""

    path: str
    verifies: bool


LIVENESS = LivenessKind("detectLiveness", verifies=False)
LIVENESS_WITH_VERIFY = LivenessKind("detectLivenessWithVerify", verifies=True)
KINDS = (LIVENESS, LIVENESS_WITH_VERIFY)
OF_PATH = {kind.path: kind for kind in KINDS}
