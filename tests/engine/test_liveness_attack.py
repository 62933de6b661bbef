"""Attack detectors: fed as they were trained, and right about the samples that their publisher gives."""

import cv2
import numpy as np
import pytest

from shared.engine import Box, Engine, ModelLibrary, Picture, decode
from shared.engine.liveness import attack
from tests import faces
from tests.engine import samples

SAMPLES = {"sf_real_image_T1": True, "sf_spoof_image_F1": False, "sf_spoof_image_F2": False}


def shown(engine: Engine, name: str) -> attack.Sighting:
    picture = decode((faces.folder("liveness") / "images" / f"{name}.jpg").read_bytes())
    return attack.Sighting(picture, engine.detect(picture)[0].box)


@pytest.mark.parametrize("name", SAMPLES)
def test_publishers_samples_are_judged_as_labelled(engine: Engine, library: ModelLibrary, name: str) -> None:
    (score,) = attack.live_scores(library, 1, [shown(engine, name)])
    assert (score > 0.9) if SAMPLES[name] else (score < 0.35)


def test_faces_judged_together_are_judged_as_alone(engine: Engine, library: ModelLibrary) -> None:
    seen = [shown(engine, name) for name in SAMPLES]
    together = attack.live_scores(library, 2, seen)
    alone = [attack.live_scores(library, 1, [one])[0] for one in seen]
    assert together == pytest.approx(alone, abs=1e-5)
    assert attack.live_scores(library, 1, []).shape == (0,)


@pytest.mark.parametrize("scale", [2.7, 4.0])
@pytest.mark.parametrize("box", [Box(200, 150, 90, 120), Box(2, 3, 90, 120), Box(-30, 400, 200, 260)])
def test_crop_is_opencvs_to_a_grey_level(scale: float, box: Box) -> None:
    picture = portrait()
    left, top, right, bottom = attack.corners(picture.width, picture.height, box, attack.context(picture, box, scale))
    whole = np.asarray(picture.layer(1.0).image)
    expected = cv2.resize(whole[top:bottom, left:right], (80, 80)).astype(int)
    apart = np.abs(attack.piece(picture, box, scale).astype(int) - expected)
    assert apart.max() <= 2
    assert apart.mean() < 0.5


def portrait() -> Picture:
    return decode(samples.encoded(samples.portrait(), "PNG"))


def test_crop_is_moved_into_the_picture_and_not_shrunk() -> None:
    assert attack.corners(1000, 800, Box(450, 350, 100, 100), 2.7) == (365, 265, 636, 536)
    assert attack.corners(1000, 800, Box(0, 0, 100, 100), 2.7) == (0, 0, 271, 271)
    left, top, right, bottom = attack.corners(1000, 800, Box(900, 700, 100, 100), 2.7)
    assert (right, bottom) == (1000, 800)
    assert right - left == bottom - top == 271


def test_context_is_what_the_picture_has_around_the_face() -> None:
    picture = portrait()
    small, large = Box(100, 100, 50, 50), Box(0, 0, picture.width, picture.height)
    assert attack.context(picture, small) == 2.7
    assert attack.context(picture, small, 4.0) == 4.0
    assert attack.context(picture, large) < 1.0
