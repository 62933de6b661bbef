"""The five points of a face, looked at again: what a template is aligned by.

The detector's points differ by 8 to 10 per cent of the eye distance between two sizes of a picture, or between it and
its mirror image: more than a recogniser likes. So it looks again at level crops of each face, and at their mirror
images, and the points are averaged. It takes two fifths of the time of an embedding; docs/accuracy.md has the gain.
"""

from cmath import exp, phase
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import yunet
from .align import chips
from .face import Face
from .geometry import Placement
from .picture import Picture
from .recipes import Alignment, Look
from .sessions import Session
from .workers import side_by_side

_SCORE, _OVERLAP = 0.3, 0.3  # that it is a face is known already
_NEAR = 0.1  # of a crop's side: a face whose points lie farther from its middle is another one
_MIRRORED = [1, 0, 2, 4, 3]  # the order of the points in a mirror image

Points = NDArray[np.float64]


def refined(
    session: Session, threads: int, settings: Alignment, picture: Picture, faces: Sequence[Face]
) -> list[NDArray[np.float32]]:
    """For each face its points, [5,2], in pixels of the picture: the mean of the detector's own and of each look's.

    `session` is of one thread. Raises PictureError, ModelError.
    """
    jobs = [
        (crop, placement, mirrored)
        for look in settings.looks
        for crop, placement in _crops(picture, faces, look)
        for mirrored in (False, True)
    ]
    found = side_by_side(lambda job: _points(session, *job), jobs, threads) if jobs else []
    seen = [plain + mirrored for plain, mirrored in zip(found[::2], found[1::2], strict=True)]
    return [_mean([face.points], *seen[number :: len(faces)]) for number, face in enumerate(faces)]


def _mean(*looks: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
    """Every look that found the face weighs as much as the others."""
    mean: NDArray[np.float32] = np.mean([np.mean(points, axis=0) for points in looks if points], axis=0)
    return mean.astype(np.float32)


def _crops(picture: Picture, faces: Sequence[Face], look: Look) -> Iterator[tuple[NDArray[np.uint8], Placement]]:
    placements = [_crop(face, look.size, look.share) for face in faces]
    return zip(chips(picture, placements, look.size), placements, strict=True)


def _crop(face: Face, size: int, share: float) -> Placement:
    """The square around the face's points, level with its eyes, of which its box takes that share."""
    points = np.nan_to_num(face.points.astype(np.float64), posinf=0.0, neginf=0.0) @ (1, 1j)
    turn = exp(1j * phase(complex(points[1] - points[0])))
    step = max(face.box.width, face.box.height, 1.0) / share / size * turn
    return Placement(step, complex(points.mean()) - step * complex(size / 2, size / 2))


def _points(session: Session, crop: NDArray[np.uint8], placement: Placement, mirrored: bool) -> list[Points]:
    """In the picture, those of the face in the middle of the crop, or of its mirror image; none where there is none."""
    size = len(crop)
    seen = np.ascontiguousarray(crop[:, ::-1] if mirrored else crop)
    found = yunet.find(session, Image.fromarray(seen), (size, size), _SCORE, _OVERLAP).points.astype(np.float64)
    away = np.linalg.norm(found.mean(axis=1) - size / 2, axis=1)
    if not len(away) or away.min() > _NEAR * size:
        return []
    points = found[away.argmin()]
    if mirrored:
        points = np.stack((size - 1 - points[:, 0], points[:, 1]), axis=1)[_MIRRORED]
    flat = points @ (1, 1j) * placement.step + placement.origin
    return [np.stack((flat.real, flat.imag), axis=1)]
