"""What a picture tells of a face beside its place and its identity.

An attribute is a module with a `measure` that gives one value per face of a Sight, a field of Attributes, and a line in
MEASURES.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import head_pose, mask, quality
from .head_pose import HeadPose
from .mask import Mask
from .quality import Level
from .sight import Sight

__all__ = ["MEASURES", "Attributes", "HeadPose", "Level", "Mask", "Sight", "measure"]


@dataclass(frozen=True, slots=True)
class Attributes:
    """One face's attributes: of those that were not asked for, None."""

    head_pose: HeadPose | None = None
    mask: Mask | None = None
    quality_for_recognition: Level | None = None


# Field of Attributes -> what fills it.
MEASURES: Mapping[str, Callable[[Sight], Sequence[Any]]] = {
    "head_pose": head_pose.measure,
    "mask": mask.measure,
    "quality_for_recognition": quality.measure,
}


def measure(sight: Sight, names: Collection[str]) -> list[Attributes]:
    """The attributes with these names (fields of Attributes) of each face; no other model runs than they need.

    Raises ModelError, PictureError."""
    columns = {name: MEASURES[name](sight) for name in names}
    return [Attributes(**{name: column[at] for name, column in columns.items()}) for at in range(len(sight.faces))]
