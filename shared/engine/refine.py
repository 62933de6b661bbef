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
from .recipes import Alignment
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
    seen: list[list[Points]] = [[face.points.astype(np.float64)] for face in faces]
    for look in settings.looks:
        placements = [_crop(face, look.size, look.share) for face in faces]
        jobs = list(zip(chips(picture, placements, look.size), placements, strict=True))
        found = side_by_side(lambda job: _look(session, *job), jobs, threads) if jobs else []
        for own, more in zip(seen, found, strict=True):
            own += more
    return [np.mean(own, axis=0).astype(np.float32) for own in seen]


def _crop(face: Face, size: int, share: float) -> Placement:
    """The square around the face's points, level with its eyes, of which its box takes that share."""
    points = np.nan_to_num(face.points.astype(np.float64), posinf=0.0, neginf=0.0) @ (1, 1j)
    turn = exp(1j * phase(complex(points[1] - points[0])))
    step = max(face.box.width, face.box.height, 1.0) / share / size * turn
    return Placement(step, complex(points.mean()) - step * complex(size / 2, size / 2))


def _look(session: Session, crop: NDArray[np.uint8], placement: Placement) -> list[Points]:
    """The mean of what is found in the crop and in its mirror image, in the picture; nothing where nothing is."""
    size = len(crop)
    mirrored = _points(session, crop[:, ::-1])
    back = [np.stack((size - 1 - points[:, 0], points[:, 1]), axis=1)[_MIRRORED] for points in mirrored]
    found = [*_points(session, crop), *back]
    if not found:
        return []
    flat = np.mean(found, axis=0) @ (1, 1j) * placement.step + placement.origin
    return [np.stack((flat.real, flat.imag), axis=1)]


def _points(session: Session, crop: NDArray[np.uint8]) -> Iterator[Points]:
    """Those of the face in the middle of the crop, if there is one."""
    size = len(crop)
    image = Image.fromarray(np.ascontiguousarray(crop))
    found = yunet.find(session, image, (size, size), _SCORE, _OVERLAP).points.astype(np.float64)
    if len(found):
        away = np.linalg.norm(found.mean(axis=1) - size / 2, axis=1)
        if away.min() <= _NEAR * size:
            yield found[away.argmin()]
