"""Headwear, glasses and masks are listed with how probable they are."""

import numpy as np
import pytest

from shared.engine import Engine, decode
from tests.engine import samples
from tests.engine.strangers import Stranger, share


@pytest.mark.slow
def test_most_headwear_is_seen(strangers: list[Stranger]) -> None:
    """20 of 21 on people that nothing was trained on: hats, caps, helmets, headscarves. Over all people it is fewer,
    68 of 85."""
    assert share((one for one in strangers if one.label.headwear == "yes"), lambda one: one.wears("headwear"), 20) > 0.9


@pytest.mark.slow
def test_few_bare_heads_are_said_to_wear_something(strangers: list[Stranger]) -> None:
    """1 of 145, among them many with hair on the forehead."""
    bare = [one for one in strangers if one.label.headwear == "no"]
    assert share(bare, lambda one: one.wears("headwear"), 140) <= 0.02
    fringed = [one for one in bare if one.label.forehead == "covered"]
    assert share(fringed, lambda one: one.wears("headwear"), 15) <= 0.1


def test_glasses_and_masks_are_listed_as_their_attributes_tell_them(strangers: list[Stranger]) -> None:
    for one in strangers:
        assert one.wears("glasses") == (one.found.glasses != "noGlasses")
        assert one.wears("mask") == (one.found.mask is not None and one.found.mask.kind == "faceMask")


def test_nothing_worn_is_an_empty_list(strangers: list[Stranger]) -> None:
    plain = [
        one for one in strangers if (one.label.glasses, one.label.headwear, one.label.mask) == ("none", "no", "no")
    ]
    assert share(plain, lambda one: one.found.accessories == (), 100) >= 0.97


def test_what_is_listed_with_more_confidence_is_right_more_often(strangers: list[Stranger]) -> None:
    """And what is listed is right at least as often as the mean confidence says, but for a twentieth."""
    listed = [(item.confidence, _true(one, item.kind)) for one in strangers for item in one.found.accessories or ()]
    confidences, right = np.array(listed).T
    assert len(listed) >= 60
    assert confidences.min() >= 0
    assert confidences.max() <= 1
    assert right.mean() >= confidences.mean() - 0.05
    assert right[confidences >= 0.8].mean() >= right[confidences < 0.8].mean()


def _true(stranger: Stranger, kind: str) -> bool:
    seen = {
        "headwear": stranger.label.headwear != "no",
        "glasses": stranger.label.glasses != "none",
        "mask": stranger.label.mask != "no",
    }
    return seen[kind]


def test_a_portrait_in_frames_wears_glasses_and_nothing_else(engine: Engine) -> None:
    picture = decode(samples.PORTRAIT.read_bytes())
    (found,) = engine.attributes(picture, engine.detect(picture), ["accessories"])
    assert found.accessories is not None
    assert [item.kind for item in found.accessories] == ["glasses"]
