"""From what the frames of one capture show to a verdict, or to the reason why there is none.

A frame is judged where nothing is wrong with it: one face, whole, large enough, with room around it, straight, lit. The
attack detectors' word is the median over the frames judged, so that no single frame decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import attack, challenge
from .challenge import Action
from .likeness import is_still
from .look import Glimpse, Look
from .reasons import Reason

Decision = Literal["realface", "spoofface", "uncertain"]

REAL_FROM, SPOOF_BELOW = 0.55, 0.35
LEAST_JUDGED = 5
MOSTLY = 0.8  # the share of frames in which there is one face
LEAST_SIDE = 80  # pixels
STRAIGHT_UP_TO = 25.0  # degrees of yaw and pitch from where cameras usually stand
USUAL_PITCH = -4.0  # what faces at a camera's level have on the average
DARK_BELOW, BRIGHT_FROM, GLARE_FROM = 40.0, 230.0, 0.4
BLURRED_BELOW = 0.25  # of LightQNet: sharp faces have 0.6, blurred ones 0.22
MASKED_FROM = 0.5  # share of the frames looked at


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """`reason`: why there is no decision. `best`: the number of the frame that shows the face best; None where no frame
    shows one. `template`: of the face throughout; None where there is a reason."""

    decision: Decision | None
    reason: Reason | None
    best: int | None
    score: float = 0.0
    template: NDArray[np.float32] | None = None


def judge(looks: Sequence[Look], alike_from: float, asked: Sequence[Action] = ()) -> Verdict:
    """`looks`: the frames in the order of their times. `alike_from`: the cosine of two templates from which they pass
    for one person's. `asked`: the challenge."""
    best = _best(looks)
    seen = [look for look in looks if look.face]
    reason = _reason(looks, seen, alike_from, asked)
    if reason is not None:
        return Verdict(None, reason, best)
    judged = [look for look in seen if problem(look) is None]
    score = float(np.median([look.live for look in judged]))
    return Verdict(_decision(score), None, best, score, middle(judged))


def problems(glimpse: Glimpse, least_side: float = LEAST_SIDE) -> list[Reason]:
    """What keeps a frame from being judged, the most important first. `least_side`: of a face, in pixels."""
    if glimpse.face is None or glimpse.pose is None:
        return [Reason.NO_FACE]
    box = glimpse.face.box
    turned = max(abs(glimpse.pose.yaw), abs(glimpse.pose.pitch - USUAL_PITCH))
    wrong = (
        (glimpse.faces > 1, Reason.SEVERAL_FACES),
        (min(box.width, box.height) < least_side, Reason.TOO_SMALL),
        (glimpse.cut_off, Reason.CUT_OFF),
        (glimpse.context < attack.LEAST_CONTEXT, Reason.TOO_CLOSE),
        (glimpse.brightness < DARK_BELOW, Reason.TOO_DARK),
        (glimpse.brightness > BRIGHT_FROM or glimpse.glare > GLARE_FROM, Reason.TOO_BRIGHT),
        (turned > STRAIGHT_UP_TO, Reason.NOT_FRONTAL),
    )
    return [reason for is_wrong, reason in wrong if is_wrong]


def problem(glimpse: Glimpse) -> Reason | None:
    return next(iter(problems(glimpse)), None)


def middle(looks: Sequence[Look]) -> NDArray[np.float32]:
    """One template for all of them, of unit length."""
    total = np.sum([look.template for look in looks], axis=0)
    unit: NDArray[np.float32] = (total / max(float(np.linalg.norm(total)), 1e-6)).astype(np.float32)
    return unit


def _reason(looks: Sequence[Look], seen: Sequence[Look], alike_from: float, asked: Sequence[Action]) -> Reason | None:
    if len(seen) < max(MOSTLY * len(looks), 1):
        return Reason.NO_FACE
    if sum(look.faces == 1 for look in looks) < MOSTLY * len(looks):
        return Reason.SEVERAL_FACES
    if sum(bool(look.masked) for look in seen) > MASKED_FROM * sum(look.masked is not None for look in seen):
        return Reason.MASK
    judged = [look for look in seen if problem(look) is None]
    if len(judged) < max(LEAST_JUDGED, 0 if asked else len(looks) / 2):
        return Counter(filter(None, map(problem, looks))).most_common(1)[0][0]
    if is_still(looks):
        return Reason.NO_MOTION
    if float(np.median([look.quality for look in judged])) < BLURRED_BELOW:
        return Reason.BLURRED
    if not _is_one_face(judged, seen, alike_from):
        return Reason.NOT_ONE_FACE
    return Reason.NO_ACTION if asked and not challenge.is_performed(seen, asked) else None


def _is_one_face(judged: Sequence[Look], seen: Sequence[Look], alike_from: float) -> bool:
    """Whether any two frames that look straight show one person, and all others the same one. Between a head turned to
    the left and one turned to the right likeness is less, so those are held against the middle."""
    straight = np.stack([look.template for look in judged])
    others = np.stack([look.template for look in seen])
    return min(float((straight @ straight.T).min()), float((others @ middle(judged)).min())) >= alike_from


def _decision(score: float) -> Decision:
    if score >= REAL_FROM:
        return "realface"
    return "spoofface" if score < SPOOF_BELOW else "uncertain"


def _best(looks: Sequence[Look]) -> int | None:
    """The clearest face among the frames that could be judged, or else among all."""
    shown = [(problem(look) is None, look.quality, -at) for at, look in enumerate(looks) if look.face]
    return -max(shown)[2] if shown else None
