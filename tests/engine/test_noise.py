"""Noise is told from texture and from what JPEG leaves, at any size of the face."""

from pathlib import Path

import numpy as np
import pytest

from shared.engine import Engine, Noise, decode
from shared.engine.attributes.noise import HIGH_FROM, MEDIUM_FROM, WHOLE, deviation
from tests import faces
from tests.engine import samples
from tests.engine.degraded import measured, noisy, recompressed, taken

PLAIN = (*faces.pictures("lfw")[::200], *faces.pictures("deepface")[:60:12])
DEVIATIONS = (0, 4, 10, 18, 30)
LUMA = float(np.linalg.norm((0.299, 0.587, 0.114)))  # of noise that differs from channel to channel


def _of(engine: Engine, path: Path, sigma: float = 0, quality: int = 0) -> Noise:
    image, face = taken(engine, path)
    image = noisy(image, sigma) if sigma else image
    found = measured(engine, recompressed(image, quality) if quality else image, face, "noise").noise
    assert found is not None
    return found


def test_noise_is_measured_in_grey_levels() -> None:
    field = np.random.default_rng(1).normal(128, 9, (100, 100)).astype(np.float32)
    assert deviation(field) == pytest.approx(9, rel=0.15)
    slope = np.add.outer(np.arange(80), 2 * np.arange(80)).astype(np.float32)
    assert deviation(slope) == 0
    assert deviation(np.zeros((2, 9), np.float32)) == 0


@pytest.mark.slow
def test_noise_rises_with_its_deviation_in_every_picture(engine: Engine) -> None:
    for path in PLAIN:
        found = [_of(engine, path, sigma) for sigma in DEVIATIONS]
        values = [one.value for one in found]
        assert values == sorted(values)
        assert (found[0].level, found[-1].level) == ("low", "high")


def test_the_level_is_that_of_the_noise_that_was_added(engine: Engine) -> None:
    """Half way to the next limit and more, in small faces and large ones."""
    for sigma, level in ((4, "low"), (15, "medium"), (30, "high")):
        assert {_of(engine, path, sigma).level for path in PLAIN} == {level}
    assert pytest.approx(9 * LUMA, abs=0.1) == MEDIUM_FROM * WHOLE
    assert pytest.approx(21 * LUMA, abs=0.1) == HIGH_FROM * WHOLE


def test_neither_beards_nor_blocks_of_jpeg_are_noise(engine: Engine) -> None:
    bearded = [label.path for label in faces.labels() if label.beard == "beard" and "lfw" in label.path.parts][::6]
    assert len(bearded) >= 15
    assert {_of(engine, path).level for path in bearded} == {"low"}
    assert {_of(engine, path, quality=quality).level for path in PLAIN for quality in (8, 40)} == {"low"}


def test_noise_survives_recompression(engine: Engine) -> None:
    assert {_of(engine, path, 30, quality=90).level for path in PLAIN} == {"high"}
    assert {_of(engine, path, 30, quality=60).level for path in PLAIN} <= {"medium", "high"}


def test_a_face_of_a_few_pixels_at_the_edge_has_a_noise(engine: Engine) -> None:
    picture = decode(samples.encoded(samples.collage((120, 90), 30, 1).crop((45, 30, 120, 90)), "PNG"))
    for face in engine.detect(picture):
        (found,) = engine.attributes(picture, [face], ["noise"])
        assert found.noise is not None
        assert 0 <= found.noise.value <= 1
