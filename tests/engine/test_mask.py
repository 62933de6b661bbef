"""Masks are seen where they are worn, and rarely elsewhere."""

import numpy as np
from PIL import Image

from shared.engine import Box, Engine, Face, Mask, decode
from shared.engine.attributes.mask import LEAST_SCORE
from tests import faces
from tests.engine import samples

BARE = ("deepface", "azure", "face_recognition", "orl")


def _largest(engine: Engine, data: bytes) -> list[Mask]:
    """Of the largest face, if there is one."""
    picture = decode(data)
    found = engine.attributes(picture, engine.detect(picture, limit=1), ["mask"])
    return [attributes.mask for attributes in found if attributes.mask]


def test_most_masks_are_seen(engine: Engine) -> None:
    """45 of the 47 largest faces that the detector finds in 60 pictures of people with masks."""
    found = [one for path in faces.pictures("mask") for one in _largest(engine, path.read_bytes())]
    assert len(found) >= 45
    assert np.mean([one.kind == "faceMask" for one in found]) >= 0.93


def test_few_bare_faces_are_called_masked(engine: Engine) -> None:
    """2 of 223: a bearded man in a helmet, who looks away, and one of the grey pictures."""
    found = [one for name in BARE for path in faces.pictures(name) for one in _largest(engine, path.read_bytes())]
    assert len(found) >= 200
    assert sum(one.kind != "noMask" for one in found) <= 3


def test_what_is_no_face_is_uncertain(engine: Engine) -> None:
    """And says by its score how little is known."""
    grey = decode(samples.encoded(Image.new("RGB", (400, 400), (90, 110, 100)), "PNG"))
    face = Face(Box(120, 100, 120, 160), np.full((5, 2), 180, np.float32), 0.6)
    (found,) = engine.attributes(grey, [face], ["mask"])
    assert found.mask is not None
    assert found.mask.kind == "uncertain"
    assert found.mask.score < LEAST_SCORE


def test_a_face_at_the_edge_of_the_picture_is_judged_too(engine: Engine) -> None:
    photo = samples.portrait()
    (found,) = _largest(engine, samples.encoded(photo.crop((430, 60, 680, 380)), "PNG"))
    assert found.kind == "noMask"
