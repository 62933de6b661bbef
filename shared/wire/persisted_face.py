"""Persisted faces: what is asked and what is answered."""

from typing import Annotated

from msgspec import Meta

from shared.people.enrolment import Target
from shared.wire.fields import DetectionModel, FaceUserData, Guid
from shared.wire.objects import WireObject

Rectangle = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(,[0-9]{1,9}){3}$")]
"""left,top,width,height in pixels of the upright picture."""


class AddFaceQuery(WireObject):
    """`targetFace`: which face of the picture is meant; without it the picture must hold exactly one."""

    target_face: Rectangle | None = None
    detection_model: DetectionModel = "detection_01"
    user_data: FaceUserData | None = None

    @property
    def target(self) -> Target | None:
        return Target(*map(int, self.target_face.split(","))) if self.target_face else None


class PersistedFace(WireObject):
    persisted_face_id: Guid
    user_data: str | None = None


class FaceAdded(WireObject):
    persisted_face_id: Guid


class FaceChanges(WireObject):
    """The userData that a face has from now on; absent or null: none."""

    user_data: FaceUserData | None = None
