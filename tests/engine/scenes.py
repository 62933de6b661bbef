"""Scenes put together for a test: real faces at chosen places, sizes and angles before a background without any."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from shared.engine import Box, Engine, decode
from tests import faces
from tests.engine import samples

_MARGIN = 0.35  # of the face's box that is pasted around it
_GREY = (127, 127, 127)


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """A photo of LFW and the box of the one face in its middle, as it is found there."""

    photo: Image.Image
    box: Box

    def at(self, height: float) -> tuple[Image.Image, Box]:
        """The face with a margin, its box `height` pixels high, and the box within that."""
        box, scale = self.box, height / self.box.height
        wide, high = _MARGIN * box.width, _MARGIN * box.height
        area = (
            round(box.left - wide),
            round(box.top - high),
            round(box.left + box.width + wide),
            round(box.top + box.height + high),
        )
        size = (round((box.width + 2 * wide) * scale), round((box.height + 2 * high) * scale))
        piece = self.photo.crop(area).resize(size, Image.Resampling.LANCZOS)
        return piece, Box(wide * scale, high * scale, box.width * scale, height)

    def turned(self, degrees: float, side: int = 480) -> Image.Image:
        """The face in the middle of a square, half as high as that, turned counter-clockwise."""
        centre = self.box.left + self.box.width / 2, self.box.top + self.box.height / 2
        half = self.box.height
        tile = self.photo.crop(square(centre, half)).resize((side, side), Image.Resampling.BICUBIC)
        return tile.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=_GREY)

    def filling(self, side: int, share: float) -> tuple[bytes, Box]:
        """A JPEG, a square of `side` pixels, in which the face is `share` as high; and its box there."""
        half = self.box.height / share / 2
        centre = self.box.left + self.box.width / 2, self.box.top + self.box.height / 2
        close = self.photo.crop(square(centre, half)).resize((side, side), Image.Resampling.BICUBIC)
        high, wide = side * share, side * share * self.box.width / self.box.height
        return samples.encoded(close, "JPEG", quality=92), Box((side - wide) / 2, (side - high) / 2, wide, high)


def square(centre: tuple[float, float], half: float) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the square around a point, in whole pixels."""
    x, y = centre
    return round(x - half), round(y - half), round(x + half), round(y + half)


@cache
def cuttings(engine: Engine, count: int) -> tuple[Cutting, ...]:
    """Of `count` photos of LFW, evenly spread over the people, those that show a face in the middle."""
    paths = faces.pictures("lfw")
    found = [_cutting(engine, path.read_bytes()) for path in paths[:: len(paths) // count][:count]]
    return tuple(cutting for cutting in found if cutting)


def _cutting(engine: Engine, data: bytes) -> Cutting | None:
    picture = decode(data)
    photo = picture.layer(1.0).image.convert("RGB")
    boxes = [face.box for face in engine.detect(picture) if _holds(face.box, 125, 125)]
    return Cutting(photo, boxes[0]) if boxes else None


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left < x < box.left + box.width and box.top < y < box.top + box.height


def scattered(
    some: Sequence[Cutting], size: tuple[int, int], height: float, rows: int, columns: int, seed: int = 0
) -> tuple[bytes, list[Box]]:
    """A JPEG of `size` (width, height) with these faces in the cells of a grid, somewhere in each; and their boxes."""
    canvas = _background(size, seed)
    chance = np.random.default_rng(seed)
    truth = []
    for at, cutting in enumerate(some[: rows * columns]):
        piece, box = cutting.at(height)
        cell = size[0] // columns, size[1] // rows
        left = at % columns * cell[0] + int(chance.integers(0, max(cell[0] - piece.width, 1)))
        top = at // columns * cell[1] + int(chance.integers(0, max(cell[1] - piece.height, 1)))
        canvas.paste(piece, (left, top))
        truth.append(Box(left + box.left, top + box.top, box.width, box.height))
    return samples.encoded(canvas, "JPEG", quality=92), truth


def _background(size: tuple[int, int], seed: int) -> Image.Image:
    scenes = faces.pictures("no_face")
    return Image.open(scenes[seed % len(scenes)]).convert("RGB").resize(size, Image.Resampling.BICUBIC)
