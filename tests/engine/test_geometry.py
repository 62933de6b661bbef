"""Similarities, suppression and boxes, against slower words for the same thing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.engine import Box
from shared.engine.geometry import similarity, suppress

TEMPLATE = ((38.3, 51.7), (73.5, 51.5), (56.0, 71.7), (41.5, 92.4), (70.7, 92.2))


def _complex(points: object) -> NDArray[np.complex128]:
    flat = np.asarray(points, np.float64)
    return flat[:, 0] + 1j * flat[:, 1]


@pytest.mark.parametrize("step", [1 + 0j, 0.2 + 0.1j, -3 + 4j, 25j])
def test_a_placed_template_is_found_again(step: complex) -> None:
    placed = step * _complex(TEMPLATE) + (310 - 75j)
    found = similarity(np.stack((placed.real, placed.imag), axis=1).astype(np.float32), TEMPLATE)
    assert abs(found.step - step) < 1e-4 * abs(step)
    assert abs(found.origin - (310 - 75j)) < 0.01


def test_the_similarity_is_umeyamas_for_points_that_fit_none() -> None:
    chance = np.random.default_rng(3)
    for _ in range(200):
        points = chance.uniform(-200, 200, (5, 2)).astype(np.float32)
        found = similarity(points, TEMPLATE)
        source, target = points.astype(np.float64), np.array(TEMPLATE)
        centred = source - source.mean(0)
        left, singular, right = np.linalg.svd((target - target.mean(0)).T @ centred / 5)
        sign = np.array((1.0, np.sign(np.linalg.det(left @ right))))
        turn = (singular * sign).sum() / centred.var(axis=0).sum() * left @ np.diag(sign) @ right
        assert abs(1 / found.step - complex(turn[0, 0], turn[1, 0])) < 1e-6


@pytest.mark.parametrize("value", [0.0, 17.0, float("nan"), float("inf")])
def test_degenerate_points_give_a_finite_placement(value: float) -> None:
    placement = similarity(np.full((5, 2), value, np.float32), TEMPLATE)
    assert np.isfinite([placement.step, placement.origin]).all()
    assert placement.step != 0


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    return float(common / (one[2] * one[3] + other[2] * other[3] - common))


def test_suppression_keeps_what_the_plain_loop_keeps() -> None:
    chance = np.random.default_rng(5)
    for count in (0, 1, 2, 80):
        boxes = np.concatenate((chance.uniform(0, 90, (count, 2)), chance.uniform(10, 40, (count, 2))), axis=1).astype(
            np.float32
        )
        expected: list[int] = []
        for index in range(count):
            if all(_overlap(boxes[index], boxes[kept]) <= 0.3 for kept in expected):
                expected.append(index)
        assert suppress(boxes, 0.3).tolist() == expected


def test_a_box_in_whole_pixels_lies_in_the_picture_and_is_never_empty() -> None:
    assert Box(1.4, 1.6, 10.2, 10.2).pixels(100, 100) == (1, 2, 11, 10)
    assert Box(-10, 5, 30, 40).pixels(100, 20) == (0, 5, 20, 15)
    assert Box(200, 200, 5, 5).pixels(100, 100) == (99, 99, 1, 1)
    chance = np.random.default_rng(7)
    for edges in chance.uniform(-50, 150, (500, 4)):
        left, top, width, height = Box(*edges).pixels(90, 60)
        assert 0 <= left < left + width <= 90
        assert 0 <= top < top + height <= 60
