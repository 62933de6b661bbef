"""Face attributes: which may be asked for with which models, and the engine's values as the contract's objects."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import floor
from typing import TypeVar

from shared import engine
from shared.engine import Attributes
from shared.errors import BadArgument, UnsupportedFeature
from shared.wire.objects import (
    AccessoryItem,
    BlurProperties,
    ExposureProperties,
    FaceAttributes,
    HeadPose,
    MaskProperties,
    NoiseProperties,
    OcclusionProperties,
)

WITHDRAWN_MESSAGE = (
    "Return Attributes (emotion, gender, age, smile, facial hair, hair and makeup) have been deprecated and are no "
    "longer supported."
)

LEFT_OUT_MESSAGE = "This installation was set up without the model of a requested attribute."

_Measured = TypeVar("_Measured")
_Shaped = TypeVar("_Shaped")

_OLDEST = ("v1.0", "v1.0-preview")


@dataclass(frozen=True, slots=True)
class Rule:
    """The models, and the versions, of which one must be chosen; empty: any will do. `sensitive`: Azure Face withdrew
    it, and the owner's setting has to name it."""

    detection: tuple[str, ...] = ("detection_01", "detection_03")
    recognition: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    sensitive: bool = False


RULES: Mapping[str, Rule] = {
    "headPose": Rule(),
    "glasses": Rule(),
    "occlusion": Rule(),
    "accessories": Rule(("detection_01",)),
    "blur": Rule(),
    "exposure": Rule(),
    "noise": Rule(("detection_01",)),
    "mask": Rule(("detection_03",)),
    "qualityForRecognition": Rule(recognition=("recognition_03", "recognition_04")),
    "age": Rule(("detection_01",), sensitive=True),
    "gender": Rule(("detection_01",), versions=_OLDEST, sensitive=True),
    "smile": Rule(("detection_01",), sensitive=True),
}
"""Every attribute that is served, by the contract's spelling: the union of models.md section 2 and of what the SDKs'
constants allow."""

WITHDRAWN = {"age", "smile", "facialhair", "hair", "makeup", "gender", "emotion"}

_FIELDS = dict(zip(FaceAttributes.__struct_encode_fields__, FaceAttributes.__struct_fields__, strict=True))
_SPELLED = {name.lower(): name for name in RULES}


def requested(
    text: str,
    detection_model: str,
    recognition_model: str,
    version: str,
    allowed: Collection[str] = (),
    unavailable: Collection[str] = (),
) -> list[str]:
    """The engine's names of the attributes in a comma-separated text, in any case, each once.

    `allowed`: the sensitive ones that this installation serves. `unavailable`: fields of the engine's Attributes whose
    models were left out of it. Raises UnsupportedFeature for what it does not serve for these reasons; BadArgument for
    what is unknown, not served, or not to be had with these models.
    """
    wanted = dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip())
    if wanted and detection_model == "detection_02":
        raise BadArgument("'returnFaceAttributes' is not supported by detection_02.")
    if any(not _allowed(name, version, allowed) for name in wanted.keys() & WITHDRAWN):
        raise UnsupportedFeature(WITHDRAWN_MESSAGE)
    if not wanted.keys() <= _SPELLED.keys():
        raise _refused(f"This service serves {', '.join(name for name in RULES if not RULES[name].sensitive)}.")
    for name in map(_SPELLED.__getitem__, wanted):
        for needed, chosen in ((RULES[name].detection, detection_model), (RULES[name].recognition, recognition_model)):
            if needed and chosen not in needed:
                raise _refused(f"{name} needs {' or '.join(needed)}.")
    names = [_FIELDS[_SPELLED[name]] for name in wanted]
    if any(name in unavailable for name in names):
        raise UnsupportedFeature(LEFT_OUT_MESSAGE)
    return names


def _allowed(name: str, version: str, allowed: Collection[str]) -> bool:
    """Whether one of the withdrawn is served here, in this version."""
    if name not in _SPELLED or _SPELLED[name] not in allowed:
        return False
    versions = RULES[_SPELLED[name]].versions
    return not versions or version in versions


def _refused(why: str) -> BadArgument:
    return BadArgument(f"Invalid argument returnFaceAttributes. {why}")


def attributes_object(attributes: Attributes) -> FaceAttributes:
    """What was measured."""
    return FaceAttributes(
        head_pose=_given(attributes.head_pose, _pose),
        glasses=attributes.glasses,
        occlusion=_given(attributes.occlusion, _occlusion),
        accessories=_given(attributes.accessories, lambda worn: [_accessory(item) for item in worn]),
        blur=_given(attributes.blur, _blur),
        exposure=_given(attributes.exposure, _exposure),
        noise=_given(attributes.noise, _noise),
        mask=_given(attributes.mask, _mask),
        quality_for_recognition=attributes.quality_for_recognition,
        age=_given(attributes.age, lambda years: round(years, 1)),
        gender=attributes.gender,
        smile=_given(attributes.smile, lambda smile: round(smile, 3)),
    )


def _given(measured: _Measured | None, shaped: Callable[[_Measured], _Shaped]) -> _Shaped | None:
    return None if measured is None else shaped(measured)


def _pose(pose: engine.HeadPose) -> HeadPose:
    """To a tenth of a degree, as the service gives it."""
    return HeadPose(pitch=round(pose.pitch, 1), roll=round(pose.roll, 1), yaw=round(pose.yaw, 1))


def _blur(blur: engine.Blur) -> BlurProperties:
    return BlurProperties(blur_level=blur.level, value=_cut(blur.value))


def _exposure(exposure: engine.Exposure) -> ExposureProperties:
    return ExposureProperties(exposure_level=exposure.level, value=_cut(exposure.value))


def _noise(noise: engine.Noise) -> NoiseProperties:
    return NoiseProperties(noise_level=noise.level, value=_cut(noise.value))


def _cut(value: float) -> float:
    """To a hundredth, as the service gives it; never up, so that it stays on its side of a level's limit."""
    return floor(value * 100) / 100


def _occlusion(covered: engine.Occlusion) -> OcclusionProperties:
    return OcclusionProperties(
        forehead_occluded=covered.forehead, eye_occluded=covered.eye, mouth_occluded=covered.mouth
    )


def _accessory(worn: engine.Accessory) -> AccessoryItem:
    """To a hundredth, as the service gives it."""
    return AccessoryItem(type=worn.kind, confidence=round(worn.confidence, 2))


def _mask(mask: engine.Mask) -> MaskProperties:
    return MaskProperties(type=mask.kind, nose_and_mouth_covered=mask.nose_and_mouth)
