"""From a picture to the one face in it that is meant, and its template."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.engine import Box, Engine, Face, Picture
from shared.errors import BadArgument, InvalidImage
from shared.store.members import NewFace

SAME_BOX = 0.5  # intersection over union from which a face is the one that the target was drawn around


@dataclass(frozen=True, slots=True)
class Target:
    """The rectangle that the caller gave, in whole pixels of the upright picture."""

    left: int
    top: int
    width: int
    height: int


class Enrolment:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def face(
        self, picture: Picture, target: Target | None, detection_model: str, model: str, user_data: str | None
    ) -> NewFace:
        """As `meant`."""
        return self.template(picture, self.meant(picture, target, detection_model), model, user_data)

    def meant(self, picture: Picture, target: Target | None, detection_model: str) -> Face:
        """Raises InvalidImage unless exactly one face is meant, BadArgument for a target outside the picture."""
        if target:
            _check(target, picture)
        return _meant(self._engine.detect(picture, detection_model), target)

    def template(self, picture: Picture, face: Face, model: str, user_data: str | None = None) -> NewFace:
        template = self._engine.embed(picture, [face], model)[0]
        return NewFace(model, self._engine.recogniser(model), template, user_data)


def _check(target: Target, picture: Picture) -> None:
    inside = target.left >= 0 and target.top >= 0 and target.width > 0 and target.height > 0
    if not inside or target.left + target.width > picture.width or target.top + target.height > picture.height:
        raise BadArgument("Argument targetFace out of range.")


def _meant(faces: Sequence[Face], target: Target | None) -> Face:
    """The only face, or the only one whose centre is in the target. A rectangle that detect answered also means its
    face where a neighbour's centre lies in it."""
    if target is None:
        found = list(faces)
    else:
        found = [face for face in faces if _holds_centre(target, face.box)]
        drawn_around = [face for face in found if _overlap(target, face.box) >= SAME_BOX]
        found = drawn_around if len(drawn_around) == 1 else found
    if not found:
        raise InvalidImage("No face detected in the image.")
    if len(found) > 1:
        raise InvalidImage("There is more than 1 face in the image.")
    return found[0]


def _holds_centre(target: Target, box: Box) -> bool:
    x, y = box.left + box.width / 2, box.top + box.height / 2
    return 0 <= x - target.left <= target.width and 0 <= y - target.top <= target.height


def _overlap(target: Target, box: Box) -> float:
    """Intersection over union."""
    width = min(target.left + target.width, box.left + box.width) - max(target.left, box.left)
    height = min(target.top + target.height, box.top + box.height) - max(target.top, box.top)
    shared = max(width, 0.0) * max(height, 0.0)
    return float(shared / (target.width * target.height + box.area - shared))
