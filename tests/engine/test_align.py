"""Chips hold the pixels that the placement says, from the smallest decode that has them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.engine import Box, Picture, decode
from shared.engine.align import boxes, chips
from shared.engine.geometry import Placement
from tests.engine import samples

ROUNDING = 1.0001  # Pillow cuts the fraction off


def _sampled(pixels: NDArray[np.uint8], placement: Placement, size: int) -> NDArray[np.float64]:
    u, v = np.meshgrid(np.arange(size), np.arange(size))
    return _bilinear(pixels, placement.step * (u + 1j * v) + placement.origin)


def _bilinear(pixels: NDArray[np.uint8], points: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Bilinear sampling written out, black outside; (0, 0) is the middle of the first pixel."""
    framed = np.pad(pixels.astype(np.float64), ((2, 2), (2, 2), (0, 0)))
    at = points + (2 + 2j)
    x = at.real.clip(0, framed.shape[1] - 2.001)
    y = at.imag.clip(0, framed.shape[0] - 2.001)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = (x - left)[..., None], (y - top)[..., None]
    upper = framed[top, left] * (1 - right) + framed[top, left + 1] * right
    lower = framed[top + 1, left] * (1 - right) + framed[top + 1, left + 1] * right
    return np.asarray(upper * (1 - bottom) + lower * bottom)


def _exact(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(picture.layer(1.0).image.convert("RGB"))


@pytest.mark.parametrize(
    "placement",
    [
        Placement(1 + 0j, 100 + 50j),
        Placement(0.7 + 0.4j, 200 + 90j),
        Placement(0.13 - 0.05j, 60.3 + 40.7j),
        Placement(-2.1 + 1.3j, 300 + 60j),
        Placement(0.2 + 0.02j, -9.4 - 7.7j),
        Placement(1.1 + 0.3j, -60 - 40j),
        Placement(9 - 3j, -300 + 100j),
        Placement(1 + 0j, 9000 + 0j),
    ],
)
def test_a_chip_is_the_bilinear_sample_of_the_picture_also_over_its_edge(placement: Placement) -> None:
    picture = decode(samples.encoded(samples.portrait(), "PNG"))
    chip = chips(picture, [placement], 112)[0]
    assert np.abs(chip - _sampled(_exact(picture), placement, 112)).max() <= ROUNDING


def test_a_grey_picture_gives_equal_channels() -> None:
    picture = decode(samples.encoded(samples.portrait().convert("L"), "PNG"))
    chip = chips(picture, [Placement(1 + 0.2j, 100 + 50j)], 64)[0]
    assert np.array_equal(chip[..., 0], chip[..., 1])
    assert np.array_equal(chip[..., 0], chip[..., 2])
    assert chip.std() > 5


def test_large_chips_need_no_full_decode_and_small_ones_get_it() -> None:
    photo = samples.portrait().resize((4000, 3000), Image.Resampling.BICUBIC)
    picture = decode(samples.encoded(photo, "JPEG", quality=95))
    large, small = Placement(8 + 1j, 1500 + 500j), Placement(0.9 + 0.1j, 2000 + 900j)
    wide = chips(picture, [large], 128)[0]
    assert picture.layer(0.0).scale == 0.125
    narrow = chips(picture, [large, small], 128)
    assert picture.layer(0.6).scale == 1.0
    assert np.array_equal(narrow[0], wide)
    assert np.abs(narrow[1] - _sampled(_exact(picture), small, 128)).max() <= ROUNDING


def test_a_scaled_decode_shows_the_same_place_as_the_full_one() -> None:
    """Not half a pixel aside: every shifted chip of the full picture is less like it."""
    photo = samples.portrait().resize((4003, 3001), Image.Resampling.BICUBIC)
    step, origin = 2 + 0.3j, 1800 + 700j
    scaled = chips(decode(samples.encoded(photo, "JPEG", quality=97)), [Placement(step, origin)], 128)[0]
    shifts = (0, 0.5, -0.5, 0.5j, -0.5j)
    full = chips(decode(samples.encoded(photo, "BMP")), [Placement(step, origin + shift) for shift in shifts], 128)
    differences = np.abs(full.astype(np.int16) - scaled).mean(axis=(1, 2, 3))
    assert differences.argmin() == 0
    assert differences[0] < 1.5


@pytest.mark.parametrize(
    "box",
    [
        Box(100, 50, 200, 300),
        Box(40.3, 60.8, 310.5, 90.1),
        Box(-120, -80, 400, 250),
        Box(500, 300, 700, 900),
        Box(-9000, 20, 40, 40),
    ],
)
def test_a_box_is_stretched_to_the_size_asked_for_and_black_over_the_edge(box: Box) -> None:
    picture = decode(samples.encoded(samples.portrait(), "PNG"))
    piece = boxes(picture, [box], 120, 80)[0]
    u, v = np.meshgrid((np.arange(120) + 0.5) / 120 * box.width, (np.arange(80) + 0.5) / 80 * box.height)
    expected = _bilinear(_exact(picture), complex(box.left, box.top) - (0.5 + 0.5j) + u + 1j * v)
    assert piece.shape == (80, 120, 3)
    assert np.abs(piece - expected).max() <= ROUNDING
    assert piece.any() == (box.left > -9000)
