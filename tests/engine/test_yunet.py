"""Our reading of YuNet's answers against OpenCV's own, on the very same pixels."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.engine import ModelLibrary, decode, yunet
from tests import faces

SIDE, SCORE, OVERLAP = 640, 0.6, 0.3
FILES = tuple(path for path in faces.pictures() if "lfw" not in path.parts) + faces.pictures("lfw")[::4]


@pytest.mark.slow  # test_detection.py compares every picture, with each side's own decoding, in every run
@pytest.mark.timeout(600)
def test_the_same_pixels_give_the_same_faces_on_every_picture() -> None:
    """But for OpenCV's suppression, which truncates boxes to whole pixels first: of two small boxes that overlap by a
    little more than the threshold it may keep both."""
    session = ModelLibrary.find().session("yunet-2026may")
    reference = cv2.FaceDetectorYN.create(
        str(faces.ROOT.parent / "models" / "face_detection_yunet_2023mar.onnx"), "", (320, 320), SCORE, OVERLAP, 5000
    )
    same, truncated = 0, 0
    for path in FILES:
        image = decode(path.read_bytes()).layer(1).image.convert("RGB")
        image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
        found = yunet.find(session, image, image.size, SCORE, OVERLAP)
        rows = _rows(reference, image)
        twins = [_twin(row, found) for row in rows]
        same += sum(twins)
        alone = rows[~np.array(twins, bool)]
        truncated += len(alone)
        assert len(found.scores) == sum(twins), path
        assert all(OVERLAP < _greatest_overlap(row, found) < OVERLAP + 0.1 for row in alone), path
    assert same > 1700
    assert truncated <= 2


def _rows(reference: cv2.FaceDetectorYN, image: Image.Image) -> NDArray[np.float32]:
    """[n,15]: box, five points, score."""
    reference.setInputSize(image.size)
    rows = reference.detect(np.asarray(image)[:, :, ::-1].copy())[1]
    return np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)


def _twin(row: NDArray[np.float32], found: yunet.Found) -> bool:
    """Whether our faces hold this one: box and points within a twentieth of a pixel, score within a thousandth."""
    ours = np.concatenate((found.boxes, found.points.reshape(-1, 10)), axis=1)
    near = np.abs(ours - row[:14]).max(axis=1, initial=0) < 0.05
    return bool(np.any(near & (np.abs(found.scores - row[14]) < 1e-3)))


def _greatest_overlap(row: NDArray[np.float32], found: yunet.Found) -> float:
    left, top, width, height = row[:4]
    boxes = found.boxes
    wide = np.minimum(boxes[:, 0] + boxes[:, 2], left + width) - np.maximum(boxes[:, 0], left)
    high = np.minimum(boxes[:, 1] + boxes[:, 3], top + height) - np.maximum(boxes[:, 1], top)
    common = wide.clip(0) * high.clip(0)
    return float((common / (boxes[:, 2] * boxes[:, 3] + width * height - common)).max())
