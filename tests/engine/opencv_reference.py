"""The same pipeline written with OpenCV, from the models' contracts: what the engine must agree with and outrun.

Shares no code with the engine. OpenCV decodes, resizes, finds (its own YuNet decoder) and warps, its DNN module embeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_TEMPLATE_A = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
_TEMPLATE_B = (
    (0.31556875, 0.46157411),
    (0.68262292, 0.46157411),
    (0.50026250, 0.64050536),
    (0.34947188, 0.82469196),
    (0.65343646, 0.82469196),
)
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """n faces in pixels of the full picture, best first: boxes [n,4], points [n,5,2], scores [n]."""

    boxes: NDArray[np.float32]
    points: NDArray[np.float32]
    scores: NDArray[np.float32]


class OpenCvPipeline:
    """Decode, detect and embed with OpenCV alone. Pictures are [H,W,3], blue, green, red."""

    def __init__(self, models: Path) -> None:
        self._detector = cv2.FaceDetectorYN.create(
            str(models / "face_detection_yunet_2023mar.onnx"), "", (320, 320), 0.6, 0.3, 5000
        )
        self._nets: Mapping[str, cv2.dnn.Net] = {
            "0095": cv2.dnn.readNetFromONNX(str(models / "face_reidentification_retail_0095.onnx")),
            "mobile": cv2.dnn.readNetFromONNX(str(models / "face_recognition_mobilefacenet_128.onnx")),
        }

    @staticmethod
    def decode(data: bytes) -> Pixels:
        """The upright picture, full size. Raises ValueError when OpenCV cannot read it."""
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            raise ValueError("OpenCV does not decode this")
        return np.asarray(pixels, np.uint8)

    def detect(self, pixels: Pixels, side: int = 1280) -> Detections:
        """The faces in one look, with the long side shrunk to `side`."""
        height, width = pixels.shape[:2]
        factor = min(1.0, side / max(width, height))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = pixels if factor == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        self._detector.setInputSize(size)
        rows = self._detector.detect(small)[1]
        table = np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)
        grow = np.array((width / size[0], height / size[1]), np.float32)
        return Detections(table[:, :4] * np.tile(grow, 2), table[:, 4:14].reshape(-1, 5, 2) * grow, table[:, 14])

    def refine(self, pixels: Pixels, side: float, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """The points, [5,2], averaged with those of two level crops, each of which is looked at in a mirror too.

        `side`: the longer one of the face's box."""
        seen = [points.astype(np.float64)]
        for size, share in ((160, 0.6), (224, 0.5)):
            across, down = (points[1] - points[0]).astype(np.float64)
            scale = side / share / size / np.hypot(across, down)
            turn = scale * np.array(((across, -down), (down, across)))
            origin = points.mean(axis=0) - turn @ (size / 2, size / 2)
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            matrix = np.column_stack((turn, origin))
            crop = np.asarray(cv2.warpAffine(pixels, matrix, (size, size), flags=flags), np.uint8)
            plain, mirrored = self._middle(crop), self._middle(np.ascontiguousarray(crop[:, ::-1]))
            mirrored[:, 0] = size - 1 - mirrored[:, 0]
            seen.append((plain + mirrored[[1, 0, 2, 4, 3]]) / 2 @ turn.T + origin)
        return np.asarray(np.mean(seen, axis=0), np.float32)

    def _middle(self, crop: Pixels) -> NDArray[np.float64]:
        """The points of the face in the middle of a crop."""
        self._detector.setInputSize(crop.shape[:2])
        self._detector.setScoreThreshold(0.3)
        rows = np.asarray(self._detector.detect(crop)[1], np.float64)
        self._detector.setScoreThreshold(0.6)
        found = rows[:, 4:14].reshape(-1, 5, 2)
        return np.asarray(found[np.linalg.norm(found.mean(axis=1) - len(crop) / 2, axis=1).argmin()])

    def embed(self, pixels: Pixels, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Fused templates, [n,384], of the faces with these points, [n,5,2]."""
        return np.stack([self._template(pixels, own) for own in points])

    def _template(self, pixels: Pixels, points: NDArray[np.float32]) -> NDArray[np.float32]:
        chip_b = align(pixels, points, 128 * np.array(_TEMPLATE_B), 128)
        chip_a = align(pixels, points, np.array(_TEMPLATE_A), 112)
        blob_b = chip_b.astype(np.float32).transpose(2, 0, 1)[None]
        red_first = chip_a[:, :, ::-1].astype(np.float32) / 255
        blob_a = ((red_first - _MEAN) / _STD).astype(np.float32).transpose(2, 0, 1)[None]
        return np.concatenate(
            (np.sqrt(0.7) * self._run("0095", blob_b), np.sqrt(0.3) * self._run("mobile", blob_a))
        ).astype(np.float32)

    def _run(self, net: str, blob: NDArray[np.float32]) -> NDArray[np.float64]:
        self._nets[net].setInput(np.ascontiguousarray(blob))
        vector = np.asarray(self._nets[net].forward(), np.float64).ravel()
        return vector / np.linalg.norm(vector)


def align(pixels: Pixels, points: NDArray[np.float32], template: NDArray[np.float64], size: int) -> Pixels:
    """Umeyama's similarity by singular values, and OpenCV's warp with it."""
    source, target = points.astype(np.float64), template.astype(np.float64)
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - from_mean
    left, singular, right = np.linalg.svd((target - to_mean).T @ centred / len(source))
    sign = np.array((1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))))
    turn = left @ np.diag(sign) @ right
    scale = (singular * sign).sum() / centred.var(axis=0).sum()
    matrix = np.column_stack((scale * turn, to_mean - scale * turn @ from_mean))
    return np.asarray(cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR), np.uint8)
