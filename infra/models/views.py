"""More pictures from few: strips as another camera would have shown them, and with something in front of the face."""

from cmath import exp

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shared.engine.attributes.strips import HEIGHT, WIDTH
from shared.engine.geometry import Placement

Strip = NDArray[np.uint8]

_MIDDLE = complex(WIDTH / 2, HEIGHT / 2)
_ROWS, _COLUMNS = np.mgrid[:HEIGHT, :WIDTH]


def jittered(place: Placement, rng: Generator) -> Placement:
    """A little larger or smaller, turned and beside it."""
    step = place.step * exp(complex(rng.normal(0, 0.06), rng.normal(0, 0.07)))
    middle = place.origin + place.step * (_MIDDLE + complex(rng.normal(0, 4), rng.normal(0, 2.5)))
    return Placement(step, middle - step * _MIDDLE)


def photographed(strip: Strip, rng: Generator) -> Strip:
    """Mirrored or not, darker or brighter, at times grey, at times out of focus or from fewer pixels."""
    image = Image.fromarray(strip[:, :: rng.choice((1, -1))])
    blur, grey, sharpness = rng.random(3)
    if sharpness < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5)))
    elif sharpness < 0.4:
        share = rng.uniform(0.25, 0.7)
        image = image.resize((round(WIDTH * share), round(HEIGHT * share)), Image.Resampling.BILINEAR)
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, np.float32)
    if grey < 0.15:
        pixels = np.repeat(pixels.mean(axis=-1, keepdims=True), 3, axis=-1)
    tint = np.exp(rng.normal(0, 0.06, 3)) * np.exp(rng.normal(0, 0.35) if blur < 0.7 else 0.0)
    shown: Strip = (pixels * tint).clip(0, 255).astype(np.uint8)
    return shown


def curtain(strip: Strip, other: Strip, rng: Generator) -> Strip:
    """One side covered from the edge past the eye, as by hair or by somebody who stands in front."""
    lean, edge = rng.normal(0, 0.35), rng.uniform(40, 62)
    depth = edge + lean * (_ROWS - HEIGHT / 2) + rng.normal(0, 2) * np.sin(_ROWS / rng.uniform(3, 12)) - _COLUMNS
    covered = _laid(strip, other, depth, rng)
    return covered[:, ::-1] if rng.random() < 0.5 else covered


def patch(strip: Strip, other: Strip, rng: Generator, reach: tuple[float, float]) -> Strip:
    """An oval on the middle, as a hand, a microphone or a cup: half as wide and as high as `reach`, more or less."""
    across, down = (size * rng.uniform(0.8, 1.3) for size in reach)
    x, y = WIDTH / 2 + rng.normal(0, 5), HEIGHT / 2 + rng.normal(0, 4)
    depth = 10 * (1 - ((_COLUMNS - x) / across) ** 2 - ((_ROWS - y) / down) ** 2)
    return _laid(strip, other, depth, rng)


def below(strip: Strip, other: Strip, rng: Generator) -> Strip:
    """The lower part covered, as by a mask that leaves the nose bare."""
    edge, bend = rng.uniform(38, 46), rng.normal(0, 4)
    depth = _ROWS - edge - bend * ((_COLUMNS - WIDTH / 2) / WIDTH) ** 2
    return _laid(strip, other, depth, rng)


def _laid(strip: Strip, other: Strip, depth: NDArray[np.float64], rng: Generator) -> Strip:
    """The other strip, zoomed into, where `depth` is above 0, with an edge of some pixels."""
    share = ((depth / rng.uniform(0.7, 3)) + 0.5).clip(0, 1)[..., None]
    high, wide = rng.integers(HEIGHT // 4, HEIGHT), rng.integers(WIDTH // 4, WIDTH)
    top, left = rng.integers(0, HEIGHT - high + 1), rng.integers(0, WIDTH - wide + 1)
    cloth = Image.fromarray(other[top : top + high, left : left + wide]).resize((WIDTH, HEIGHT))
    laid: Strip = (strip * (1 - share) + np.asarray(cloth) * share).astype(np.uint8)
    return laid
