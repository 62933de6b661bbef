"""What a person should do before a capture, from one frame. Decides nothing: frames are judged anew."""

from enum import StrEnum

from .look import Glimpse
from .reasons import Reason
from .verdict import problems


class Hint(StrEnum):
    """The most important first."""

    SHOW_FACE = "ShowFace"
    BE_ALONE = "BeAlone"
    MOVE_CLOSER = "MoveCloser"
    MOVE_AWAY = "MoveAway"
    CENTER = "Center"
    LOOK_STRAIGHT = "LookStraight"
    MORE_LIGHT = "MoreLight"
    LESS_LIGHT = "LessLight"


OF_REASONS = {
    Reason.NO_FACE: Hint.SHOW_FACE,
    Reason.SEVERAL_FACES: Hint.BE_ALONE,
    Reason.TOO_SMALL: Hint.MOVE_CLOSER,
    Reason.TOO_CLOSE: Hint.MOVE_AWAY,
    Reason.CUT_OFF: Hint.CENTER,
    Reason.NOT_FRONTAL: Hint.LOOK_STRAIGHT,
    Reason.TOO_DARK: Hint.MORE_LIGHT,
    Reason.TOO_BRIGHT: Hint.LESS_LIGHT,
}
LEAST_SHARE = 0.22  # of a face in the frame's shorter side: frames for guidance are smaller than those to be judged
CENTERED_UP_TO = 0.2  # of the frame, from its middle to the face's


def hints(glimpse: Glimpse) -> list[Hint]:
    """None of them: the person is placed well."""
    frame = glimpse.picture
    found = {OF_REASONS[reason] for reason in problems(glimpse, LEAST_SHARE * min(frame.width, frame.height))}
    if glimpse.face is not None:
        box = glimpse.face.box
        aside = abs((box.left + box.width / 2) / frame.width - 0.5)
        above = abs((box.top + box.height / 2) / frame.height - 0.5)
        found |= {Hint.CENTER} if max(aside, above) > CENTERED_UP_TO else set()
    return [hint for hint in Hint if hint in found]
