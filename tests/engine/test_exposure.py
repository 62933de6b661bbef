"""Exposure follows the light, and takes dark skin for no lack of it."""

from pathlib import Path

import numpy as np

from shared.engine import Engine, Exposure
from shared.engine.attributes.exposure import GOOD_FROM, OVER_FROM
from tests import faces
from tests.engine.degraded import lit, measured, taken

STOPS = (-4, -3, -2, -1, 0, 1, 2, 3)
PLAIN = faces.pictures("lfw")[::72]


def _exposures(engine: Engine, paths: tuple[Path, ...], stops: tuple[float, ...]) -> list[list[Exposure]]:
    """Of each picture, at each number of stops."""
    found = []
    for path in paths:
        image, face = taken(engine, path)
        row = [measured(engine, lit(image, by), face, "exposure").exposure for by in stops]
        found.append([one for one in row if one])
    return found


def test_exposure_rises_with_the_light_in_every_picture(engine: Engine) -> None:
    found = _exposures(engine, PLAIN, STOPS)
    assert len(found) == 25
    for row in found:
        values = [one.value for one in row]
        assert values == sorted(values)
        assert row[0].level == "underExposure"
    assert np.mean([row[-1].level == "overExposure" for row in found]) >= 0.95


def test_ordinary_press_photos_are_well_exposed(engine: Engine) -> None:
    """LFW; the others are flash-lit faces, and called over-exposed."""
    levels = [row[0].level for row in _exposures(engine, PLAIN, (0,))]
    assert "underExposure" not in levels
    assert np.mean([level == "goodExposure" for level in levels]) >= 0.9


def test_dark_skin_is_not_under_exposed_for_being_dark(engine: Engine) -> None:
    """58 people, whose faces are a stop darker in the middle than those of the others: none is called under-exposed as
    taken, all are with an eighth of the light, and more light is recognised as such."""
    found = _exposures(engine, faces.darker_skinned(), (-3, 0, 3))
    assert len(found) == 58
    assert {row[1].level for row in found} == {"goodExposure"}
    assert {row[0].level for row in found} == {"underExposure"}
    assert np.mean([row[2].level == "overExposure" for row in found]) >= 0.85


def test_the_limits_are_the_contracts() -> None:
    assert (GOOD_FROM, OVER_FROM) == (0.25, 0.75)
