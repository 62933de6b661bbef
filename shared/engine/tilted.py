"""Faces that are tilted or upside down.

YuNet was trained on heads that are roughly upright. Of faces turned by 60 degrees and more it finds most, but with a
low score and with eyes and mouth in wrong places, so that their templates are worthless. So a face of a low score is
looked at again in eight turns, side by side in one strip, and the surest is kept; where nothing at all was found, the
whole picture is turned first, in quarters.
"""

from cmath import exp
from collections.abc import Sequence
from math import hypot, pi

import numpy as np
from PIL import Image

from . import yunet
from .align import chips
from .face import Face
from .geometry import Box, Placement
from .manifest import Detector
from .picture import Picture
from .sessions import Session

DOUBTFUL = 0.92
"""Nine in ten upright faces of portraits score more, and nearly all of those whose points are wrong score less."""

_BETTER = 0.03  # by which a turn's score must be higher than the upright one
_LEAST_SIDE = 32.0  # full-size pixels; a smaller face is none to recognise
_MOST = 20  # faces that are looked at again, the largest, so that a crowd costs no more than another look
_TURNS = 8
_TILE = 128
_AROUND = 1.7  # a tile's side, times the longer side of the face's box

_LOOK = 640  # long side of the whole picture when it is turned
_SURE = 0.85  # least score of a face in a turned picture, since three more looks are three more chances to be wrong
_QUARTERS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


def straightened(session: Session, settings: Detector, picture: Picture, faces: Sequence[Face]) -> list[Face]:
    """The faces; those that look better when turned have the places that this showed. Raises PictureError."""
    doubtful = [at for at, face in enumerate(faces) if face.score < DOUBTFUL and _side(face) >= _LEAST_SIDE]
    result = list(faces)
    for at in sorted(doubtful, key=lambda at: -_side(faces[at]))[:_MOST]:
        result[at] = _surest(session, settings, picture, faces[at])
    return result


def in_quarter_turns(session: Session, settings: Detector, picture: Picture) -> list[Face]:
    """The faces of the turned picture that shows the surest one. Raises PictureError."""
    factor = min(1.0, _LOOK / max(picture.width, picture.height))
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    image = picture.layer(factor).image.resize(size, Image.Resampling.BILINEAR)
    corners = (complex(size[0], 0), complex(*size), complex(0, size[1]))  # where the turned pictures' origins lie
    turns = [
        _look(session, settings, image.transpose(quarter), Placement(1j**count / factor, corner / factor))
        for count, (quarter, corner) in enumerate(zip(_QUARTERS, corners, strict=True), 1)
    ]
    return max(turns, key=lambda faces: max((face.score for face in faces), default=0.0))


def _look(session: Session, settings: Detector, image: Image.Image, placement: Placement) -> list[Face]:
    found = yunet.find(session, image, image.size, max(settings.score, _SURE), settings.overlap)
    return [_face(found, at, placement) for at in range(len(found.scores))]


def _surest(session: Session, settings: Detector, picture: Picture, face: Face) -> Face:
    side = _AROUND * _side(face)
    centre = complex(face.box.left + face.box.width / 2, face.box.top + face.box.height / 2)
    steps = [side / _TILE * exp(2j * pi * turn / _TURNS) for turn in range(_TURNS)]
    placements = [Placement(step, centre - step * complex(_TILE / 2, _TILE / 2)) for step in steps]
    strip = Image.fromarray(np.concatenate(chips(picture, placements, _TILE), axis=1))
    found = yunet.find(session, strip, strip.size, settings.score, settings.overlap)
    for at in range(len(found.scores)):  # best first
        middle = found.boxes[at, :2] + found.boxes[at, 2:] / 2
        tile = min(int(middle[0] // _TILE), _TURNS - 1)
        if np.abs(middle - (tile * _TILE + _TILE / 2, _TILE / 2)).max() < _TILE / 4:
            better = tile and found.scores[at] >= face.score + _BETTER
            step, origin = placements[tile]
            return _face(found, at, Placement(step, origin - step * tile * _TILE)) if better else face
    return face


def _face(found: yunet.Found, at: int, placement: Placement) -> Face:
    """A found face in the picture. Its box is the one around the ellipse that fills the turned one."""
    step, origin = placement
    left, top, width, height = found.boxes[at].tolist()
    centre = complex(left + width / 2, top + height / 2) * step + origin
    across, down = hypot(width * step.real, height * step.imag), hypot(width * step.imag, height * step.real)
    points = found.points[at].astype(np.float64) @ (1, 1j) * step + origin
    return Face(
        Box(centre.real - across / 2, centre.imag - down / 2, across, down),
        np.stack((points.real, points.imag), axis=1).astype(np.float32),
        float(found.scores[at]),
    )


def _side(face: Face) -> float:
    return max(face.box.width, face.box.height)
