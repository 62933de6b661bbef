"""Blur grows with what makes it, is that of the worst direction, and is not hidden by noise, light or compression."""

from collections.abc import Iterator
from math import pi

import numpy as np
import pytest
from PIL import Image

from shared.engine import Blur, Box, Engine, Face
from shared.engine.attributes.blur import HIGH_FROM, MEDIUM_FROM, edge_width
from tests import faces
from tests.engine import samples
from tests.engine.degraded import blurred, largest, lit, measured, moved, noisy, recompressed, taken

PATHS = (*faces.pictures("lfw")[::150], *faces.pictures("deepface")[::10])
RADII = (0, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.16)


@pytest.fixture(scope="module")
def photos(engine: Engine) -> list[tuple[Image.Image, Face]]:
    return [taken(engine, path) for path in PATHS]


def _blur(engine: Engine, image: Image.Image, face: Face) -> Blur:
    found = measured(engine, image, face, "blur").blur
    assert found is not None
    return found


@pytest.mark.parametrize("deviation", [1.0, 2.0, 3.0])
def test_the_width_of_a_blurred_edge_is_measured_in_pixels(deviation: float) -> None:
    sides = np.zeros((512, 512), np.uint8)
    sides[:, 256:] = 200
    sides[160:192, 130:] = 90  # an edge in the other direction too
    enlarged = blurred(Image.fromarray(sides), _face(eyes=4.0), deviation)  # four times the chip's pixels
    chip = np.asarray(enlarged.resize((128, 128), Image.Resampling.BOX), np.float32)
    assert edge_width(chip) == pytest.approx(deviation, rel=0.25)


def _face(eyes: float) -> Face:
    return Face(Box(0, 0, 1, 1), np.array([[0, 0], [eyes, 0], [0, 0], [0, 0], [0, 0]], np.float32), 1.0)


def test_blur_rises_with_the_radius_in_every_picture(engine: Engine, photos: list[tuple[Image.Image, Face]]) -> None:
    assert len(photos) >= 18
    for image, face in photos:
        values = [_blur(engine, blurred(image, face, radius), face).value for radius in RADII]
        assert values == sorted(values)
        assert (values[0] < MEDIUM_FROM, values[-1] > HIGH_FROM) == (True, True)


def test_the_level_is_that_of_the_radius(engine: Engine, photos: list[tuple[Image.Image, Face]]) -> None:
    """In distances between the eyes: 0.02 harms no recognition, 0.05 one in ten, 0.11 nearly every one."""
    for radius, level in ((0.02, "low"), (0.05, "medium"), (0.11, "high")):
        levels = [_blur(engine, blurred(image, face, radius), face).level for image, face in photos]
        assert np.mean([found == level for found in levels]) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("angle", [0, pi / 3, pi / 2])
def test_a_moving_camera_blurs_whatever_its_direction(
    angle: float, engine: Engine, photos: list[tuple[Image.Image, Face]]
) -> None:
    for image, face in photos[::5]:
        values = [_blur(engine, moved(image, face, length, angle), face).value for length in (0, 0.15, 0.4)]
        assert values == sorted(values)
        assert values[-1] >= MEDIUM_FROM


def test_noise_light_and_compression_hide_no_blur_and_make_none(
    engine: Engine, photos: list[tuple[Image.Image, Face]]
) -> None:
    for image, face in photos[::2]:
        for worse in _worse(image):
            assert _blur(engine, worse, face).level == "low"
        soft = blurred(image, face, 0.09)
        plain = _blur(engine, soft, face)
        assert plain.level != "low"
        for worse in _worse(soft):
            assert _blur(engine, worse, face).value >= plain.value - 0.35


def _worse(image: Image.Image) -> Iterator[Image.Image]:
    yield noisy(image, 6)
    yield lit(image, -2)
    yield recompressed(image, 15)


def test_a_face_of_few_pixels_is_blurred_to_a_recogniser(engine: Engine) -> None:
    photo = samples.portrait()  # the face is 227 pixels wide
    found = []
    for factor in (1, 0.4, 0.12, 0.08):
        small = photo.resize((round(photo.width * factor), round(photo.height * factor)), Image.Resampling.BOX)
        found.append(_blur(engine, small, largest(engine, small)))
    values = [one.value for one in found]
    assert values == sorted(values)
    assert (found[0].level, found[-1].level) == ("low", "medium")
