"""Pictures made worse by a known amount. Lengths are in distances between the eyes of the face that is looked at."""

from io import BytesIO
from math import cos, sin
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shared.engine import Attributes, Engine, Face, decode
from tests.engine.samples import encoded

_GAMMA = 2.2
_STEPS = 24


def eyes(face: Face) -> float:
    """The distance between them, in pixels."""
    return float(np.linalg.norm(face.points[1] - face.points[0]))


def blurred(image: Image.Image, face: Face, deviation: float) -> Image.Image:
    """Out of focus."""
    return image.filter(ImageFilter.GaussianBlur(deviation * eyes(face)))


def moved(image: Image.Image, face: Face, length: float, angle: float) -> Image.Image:
    """Taken while the camera moved, in radians from the horizontal."""
    reach = length * eyes(face)
    steps = np.linspace(-0.5, 0.5, _STEPS) * reach
    layers = [
        np.asarray(image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR), np.float32)
        for matrix in ((1, 0, step * cos(angle), 0, 1, step * sin(angle)) for step in steps)
    ]
    return _image(np.mean(layers, axis=0, dtype=np.float32))


def lit(image: Image.Image, stops: float) -> Image.Image:
    """With 2 ** stops times the light."""
    light = (np.asarray(image, np.float32) / 255) ** _GAMMA * 2.0**stops
    return _image(np.clip(light, 0, 1) ** (1 / _GAMMA) * 255)


def noisy(image: Image.Image, deviation: float, seed: int = 0) -> Image.Image:
    """With Gaussian noise in every channel, of 255."""
    noise = deviation * np.random.default_rng(seed).standard_normal((image.height, image.width, 3), np.float32)
    return _image(np.asarray(image, np.float32) + noise)


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(BytesIO(encoded(image, "JPEG", quality=quality))).convert("RGB")


def taken(engine: Engine, path: Path) -> tuple[Image.Image, Face]:
    """The largest face of a picture, its eyes at most 90 pixels apart and with half its own size of room around it: a
    large picture is slow to make worse."""
    image = Image.open(path).convert("RGB")
    box = largest(engine, image).box
    side = max(box.width, box.height)
    left, top = max(round(box.left - side / 2), 0), max(round(box.top - side / 2), 0)
    part = image.crop((left, top, min(left + round(2 * side), image.width), min(top + round(2 * side), image.height)))
    factor = min(1.0, 90 / eyes(largest(engine, part)))
    part = part.resize((round(part.width * factor), round(part.height * factor)), Image.Resampling.BOX)
    return part, largest(engine, part)


def measured(engine: Engine, image: Image.Image, face: Face, name: str) -> Attributes:
    """One attribute of the face, which stays where it was found before."""
    (found,) = engine.attributes(decode(encoded(image, "BMP")), [face], [name])
    return found


def largest(engine: Engine, image: Image.Image) -> Face:
    return engine.detect(decode(encoded(image, "BMP")), limit=1)[0]


def _image(pixels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).round().astype(np.uint8))
