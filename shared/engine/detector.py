"""Faces in a picture, whatever its size and the size of the faces.

**Looks.** The picture is shrunk to each of the detector's long sides in turn, never enlarged. A look at one size finds
faces of up to about 600 pixels there; of a larger one, a selfie's, it sees nothing or takes parts of it for faces. So a
face that is larger than `REACH` in one look is left to the next, smaller one, and what lay on it is dropped. Where a
face of 900 to 1280 pixels fills a picture of 1280 (60 photos, cut in four ways) one look finds 23 per cent of them; the
looks together found all of 24 photos, cut likewise.

**Elongated pictures** count by their pixels: a panorama is shrunk to as many as a picture of 16:9 would have, since by
its long side alone faces in it would be lost that are larger than in any other picture of that many pixels.

Shrinking averages with Pillow's BILINEAR filter, whose support grows with the factor. Of Pillow's filters it is the
nearest to OpenCV's INTER_AREA: over the crowds (234 faces, 1400 to 2000 pixels to 1280) every face is found by both and
98 per cent of the boxes overlap by 0.95 and more; BOX, which rounds to whole pixels, reaches 59 per cent, HAMMING 88,
BICUBIC 94, and OpenCV's own INTER_LINEAR 97.
"""

from collections.abc import Iterator
from math import sqrt

import numpy as np

from . import tilted, yunet
from .face import Face
from .geometry import Box
from .manifest import Detector
from .picture import Picture
from .sessions import Session

REACH = 450.0
"""Pixels, in a look, of the longer side of the largest box that the look decides about.

Places of eyes and mouth are most exact from about 290 to 390 pixels (4 per cent of the distance of the eyes; 5 to 7 at
200, 9 at 770). A template's points are looked at again, so a face may be handed on at less than that."""

_SURE = 0.8
"""Least score of a face that a smaller look adds to others: large faces have 0.84 and more, also when they lean by 30
degrees, and a lapel beside a portrait that was taken for one 0.75."""

_ELONGATED = 16 / 9
_PART = 0.6  # of a box inside a larger face: a nose or an eye, not another head


def detect(session: Session, settings: Detector, picture: Picture) -> list[Face]:
    """The faces, best score first, in pixels of the full-size picture. Raises PictureError."""
    faces = _upright(session, settings, picture)
    if settings.turned:
        faces = faces or tilted.in_quarter_turns(session, settings, picture)
        faces = tilted.straightened(session, settings, picture, faces)
    return sorted(faces, key=lambda face: -face.score)


def _upright(session: Session, settings: Detector, picture: Picture) -> list[Face]:
    faces: list[Face] = []
    reach = 0.0  # full-size pixels: what the looks so far have decided about
    for factor in _factors(settings, picture):
        seen = _look(factor, session, settings, picture)
        larger = [face for face in seen if _side(face) > reach and (not faces or face.score >= _SURE)]
        faces = larger + [face for face in faces if not _belongs_to_one_of(larger, face, settings.overlap)]
        reach = REACH / factor
        if reach > max(picture.width, picture.height):
            break
    return faces


def _factors(settings: Detector, picture: Picture) -> Iterator[float]:
    """Pixels of each look per full-size pixel, falling."""
    width, height = picture.width, picture.height
    long_side = min(max(width, height), sqrt(width * height * _ELONGATED))
    before = 0.0
    for side in settings.long_sides:
        factor = min(1.0, side / long_side)
        if factor != before:
            yield factor
        before = factor


def _side(face: Face) -> float:
    return max(face.box.width, face.box.height)


def _belongs_to_one_of(larger: list[Face], face: Face, overlap: float) -> bool:
    """Whether it is one of those faces, seen worse, or a part of one."""
    return any(_is_of(face.box, one.box, overlap) for one in larger)


def _is_of(box: Box, larger: Box, overlap: float) -> bool:
    common = box.common(larger)
    return common > overlap * (box.area + larger.area - common) or common > _PART * box.area


def _look(factor: float, session: Session, settings: Detector, picture: Picture) -> list[Face]:
    layer = picture.layer(factor)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    found = yunet.find(session, layer.image, size, settings.score, settings.overlap)
    # What the layer covers, not the picture: a scaled decode leaves out a last fraction of a pixel.
    grow = np.array(layer.image.size, np.float32) / layer.scale / size
    boxes = found.boxes * np.tile(grow, 2)
    points = (found.points * grow).astype(np.float32)
    return [
        Face(Box(*box.tolist()), own, float(score)) for box, own, score in zip(boxes, points, found.scores, strict=True)
    ]
