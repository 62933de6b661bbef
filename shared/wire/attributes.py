"""Face attributes: which may be asked for with which models, and the engine's values as the contract's objects.

| attribute             | detection model        | recognition model              |
|-----------------------|------------------------|--------------------------------|
| headPose              | detection_01, _03      | any                            |
| mask                  | detection_03           | any                            |
| qualityForRecognition | detection_01, _03      | recognition_03, recognition_04 |
"""

from collections.abc import Mapping

from shared import engine
from shared.engine import Attributes
from shared.errors import BadArgument, UnsupportedFeature
from shared.wire.objects import FaceAttributes, HeadPose, MaskProperties

WITHDRAWN = {"age", "smile", "facialhair", "hair", "makeup", "gender", "emotion"}
WITHDRAWN_MESSAGE = (
    "Return Attributes (emotion, gender, age, smile, facial hair, hair and makeup) have been deprecated and are no "
    "longer supported."
)

SERVED = dict(zip(FaceAttributes.__struct_encode_fields__, FaceAttributes.__struct_fields__, strict=True))
"""The contract's spelling -> the engine's name."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "mask": ("detection_03",),
    "qualityForRecognition": ("recognition_03", "recognition_04"),
}
"""Served attribute -> the models of which one must be chosen; any will do for others."""

_SPELLED = {name.lower(): name for name in SERVED}


def requested(text: str, detection_model: str, recognition_model: str) -> list[str]:
    """The engine's names of the attributes in a comma-separated text, in any case, each once.

    Raises BadArgument for what is unknown, not served, or not to be had with these models; UnsupportedFeature for what
    Azure Face withdrew.
    """
    wanted = dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip())
    if wanted and detection_model == "detection_02":
        raise BadArgument("'returnFaceAttributes' is not supported by detection_02.")
    if wanted.keys() & WITHDRAWN:
        raise UnsupportedFeature(WITHDRAWN_MESSAGE)
    if not wanted.keys() <= _SPELLED.keys():
        raise _refused(f"This service serves {', '.join(SERVED)}.")
    for name in map(_SPELLED.__getitem__, wanted):
        needed = NEEDS.get(name)
        if needed and not {detection_model, recognition_model} & set(needed):
            raise _refused(f"{name} needs {' or '.join(needed)}.")
    return [SERVED[_SPELLED[name]] for name in wanted]


def _refused(why: str) -> BadArgument:
    return BadArgument(f"Invalid argument returnFaceAttributes. {why}")


def attributes_object(attributes: Attributes) -> FaceAttributes:
    """What was measured."""
    return FaceAttributes(
        head_pose=None if attributes.head_pose is None else _pose(attributes.head_pose),
        mask=None if attributes.mask is None else _mask(attributes.mask),
        quality_for_recognition=attributes.quality_for_recognition,
    )


def _pose(pose: engine.HeadPose) -> HeadPose:
    """To a tenth of a degree, as the service gives it."""
    return HeadPose(pitch=round(pose.pitch, 1), roll=round(pose.roll, 1), yaw=round(pose.yaw, 1))


def _mask(mask: engine.Mask) -> MaskProperties:
    return MaskProperties(type=mask.kind, nose_and_mouth_covered=mask.kind == "faceMask")
