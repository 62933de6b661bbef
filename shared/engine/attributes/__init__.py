"""What a picture tells of a face beside its place and its identity.

An attribute is a module with a `measure` that gives one value per face of a Sight, a field of Attributes, and a line in
MEASURES.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import (
    accessories,
    age_gender,
    blur,
    exposure,
    glasses,
    head_pose,
    mask,
    noise,
    occlusion,
    quality,
    smile,
    strips,
)
from .accessories import Accessory
from .age_gender import Gender
from .blur import Blur
from .exposure import Exposure
from .glasses import Glasses
from .head_pose import HeadPose
from .levels import Level
from .mask import Mask
from .noise import Noise
from .occlusion import Occlusion
from .sight import Sight

__all__ = [
    "MEASURES",
    "NEEDS",
    "OPTIONAL",
    "Accessory",
    "Attributes",
    "Blur",
    "Exposure",
    "Gender",
    "Glasses",
    "HeadPose",
    "Level",
    "Mask",
    "Noise",
    "Occlusion",
    "Sight",
    "measure",
    "optional_models",
]


@dataclass(frozen=True, slots=True)
class Attributes:
    """One face's attributes: of those that were not asked for, None."""

    head_pose: HeadPose | None = None
    glasses: Glasses | None = None
    occlusion: Occlusion | None = None
    accessories: tuple[Accessory, ...] | None = None
    blur: Blur | None = None
    exposure: Exposure | None = None
    noise: Noise | None = None
    mask: Mask | None = None
    quality_for_recognition: Level | None = None
    age: float | None = None
    gender: Gender | None = None
    smile: float | None = None


# Field of Attributes -> what fills it.
MEASURES: Mapping[str, Callable[[Sight], Sequence[Any]]] = {
    "head_pose": head_pose.measure,
    "glasses": glasses.measure,
    "occlusion": occlusion.measure,
    "accessories": accessories.measure,
    "blur": blur.measure,
    "exposure": exposure.measure,
    "noise": noise.measure,
    "mask": mask.measure,
    "quality_for_recognition": quality.measure,
    "age": age_gender.ages,
    "gender": age_gender.genders,
    "smile": smile.measure,
}

# Field of Attributes -> the models that it needs beside those of detection and landmarks.
_COVERED = frozenset({strips.MODEL})
_MASKED = _COVERED | {mask.MODEL}
NEEDS: Mapping[str, frozenset[str]] = {
    "glasses": _COVERED,
    "occlusion": _COVERED,
    "accessories": _MASKED,
    "mask": _MASKED,
    "quality_for_recognition": _MASKED | {quality.MODEL},
    "age": frozenset({age_gender.MODEL}),
    "gender": frozenset({age_gender.MODEL}),
}

# Field of Attributes -> the model that it needs and that not every installation has.
OPTIONAL: Mapping[str, str] = {"age": age_gender.MODEL, "gender": age_gender.MODEL}


def optional_models(names: Collection[str]) -> list[str]:
    """Those that an installation must have which measures these attributes (fields of Attributes)."""
    return sorted({OPTIONAL[name] for name in names if name in OPTIONAL})


def measure(sight: Sight, names: Collection[str]) -> list[Attributes]:
    """The attributes with these names (fields of Attributes) of each face; no other model runs than they need.

    Raises ModelError, PictureError."""
    columns = {name: sight.once(MEASURES[name]) for name in names}
    return [Attributes(**{name: column[at] for name, column in columns.items()}) for at in range(len(sight.faces))]
