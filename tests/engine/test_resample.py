"""Stripes make the picture that one piece would."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.engine.resample import each_stripe
from tests.engine import samples


def _whole(image: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    result = np.zeros((size[1], size[0], len(image.getbands())), np.uint8)

    def keep(top: int, rows: NDArray[np.uint8]) -> None:
        result[top : top + len(rows)] = rows if rows.ndim == 3 else rows[:, :, None]

    each_stripe(image, size, 2, keep)
    return result


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(1280, 850), (999, 777), (1280, 1), (1, 1280), (320, 213), (1600, 1063)])
def test_stripes_join_to_the_picture_resized_in_one_piece(mode: str, size: tuple[int, int]) -> None:
    image = samples.portrait().resize((1600, 1063)).convert(mode)
    expected = np.asarray(image.resize(size, Image.Resampling.BILINEAR), np.int16).reshape(size[1], size[0], -1)
    found = _whole(image, size)
    assert np.abs(found - expected).max() <= 1
    assert np.mean(found != expected) < 0.001


def test_what_a_stripe_raises_reaches_the_caller() -> None:
    def fail(top: int, rows: NDArray[np.uint8]) -> None:
        raise ZeroDivisionError(f"{top}, {len(rows)}")

    with pytest.raises(ZeroDivisionError):
        each_stripe(samples.portrait(), (900, 598), 2, fail)
