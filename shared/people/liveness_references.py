"""The picture of whom to expect, as what is kept of it: a rectangle, a quality, a template."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from shared.engine import Engine, Picture
from shared.errors import UnsupportedFeature
from shared.people.enrolment import Enrolment
from shared.store.sessions import Reference

DETECTION_MODEL, RECOGNITION_MODEL = "detection_03", "recognition_04"
QUALITY = "quality_for_recognition"


@dataclass(frozen=True, slots=True)
class VerifyImage:
    """The picture that holds the reference, and nothing but it. `digest`: where the session is to tell it."""

    picture: Picture
    digest: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """`template`: float32, unit length."""

    reference: Reference
    template: NDArray[np.float32]


def require_liveness(engine: Engine) -> None:
    """Raises UnsupportedFeature where this installation does without the models of liveness."""
    if not engine.judges_liveness:
        raise UnsupportedFeature("This installation was set up without the models of liveness.")


class References:
    def __init__(self, enrolment: Enrolment, engine: Engine) -> None:
        self._enrolment = enrolment
        self._engine = engine

    def expected(self, image: VerifyImage) -> Expected:
        """Raises UnsupportedFeature; InvalidImage where the picture does not hold exactly one face. It is not kept."""
        require_liveness(self._engine)
        picture = image.picture
        face = self._enrolment.meant(picture, None, DETECTION_MODEL)
        enrolled = self._enrolment.template(picture, face, RECOGNITION_MODEL)
        (measured,) = self._engine.attributes(picture, [face], [QUALITY])
        reference = Reference(
            rectangle=face.box.pixels(picture.width, picture.height),
            quality=cast(str, measured.quality_for_recognition),
            recognition_model=RECOGNITION_MODEL,
            recogniser=enrolled.recogniser,
            image_hash=image.digest,
        )
        return Expected(reference, enrolled.template)
