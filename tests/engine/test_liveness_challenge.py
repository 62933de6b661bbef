"""Movements: each that was asked for, in order, no other, and none by a slip of one frame."""

from typing import cast

import numpy as np
import pytest

from shared.engine import Box, Face, HeadPose, Picture
from shared.engine.liveness.challenge import Action, draw, is_performed, performed
from shared.engine.liveness.look import Glimpse

LEFT, RIGHT, UP, CLOSER = Action.TURN_LEFT, Action.TURN_RIGHT, Action.LOOK_UP, Action.MOVE_CLOSER
SHOWS = {LEFT: (20.0, 0.0, 1.0), RIGHT: (-20.0, 0.0, 1.0), UP: (0.0, 12.0, 1.0), CLOSER: (0.0, 0.0, 1.3)}
STRAIGHT = (0.0, 0.0, 1.0)

Stances = list[tuple[float, float, float]]


def seen(stances: Stances, yaw: float = 3.0, pitch: float = -6.0) -> list[Glimpse]:
    """Frames of a head whose rest is somewhere near the middle."""
    return [
        Glimpse(
            picture=cast(Picture, None),
            faces=1,
            face=Face(Box(0, 0, 100 * size, 120 * size), np.zeros((5, 2), np.float32), 0.9),
            pose=HeadPose(pitch=pitch + up, roll=0.0, yaw=yaw + turned),
            brightness=128,
            glare=0.0,
            thumb=np.zeros((64, 64), np.float32),
            mesh=None,
            cut_off=False,
        )
        for turned, up, size in stances
    ]


def acted(*actions: Action, frames: int = 3) -> Stances:
    stances: Stances = [STRAIGHT] * 3
    for action in actions:
        stances += [SHOWS[action]] * frames + [STRAIGHT]
    return stances


@pytest.mark.parametrize("asked", [(LEFT, CLOSER, RIGHT), (UP, RIGHT, LEFT), (CLOSER, UP, LEFT)])
def test_what_was_asked_for_is_seen_in_its_order(asked: tuple[Action, ...]) -> None:
    assert is_performed(seen(acted(*asked)), asked)
    assert not is_performed(seen(acted(*asked[::-1])), asked)
    assert not is_performed(seen(acted(*asked[:2])), asked)


def test_everything_again_and_again_performs_nothing() -> None:
    """A recording of all movements holds every sequence, with others between."""
    everything = seen(acted(*(LEFT, RIGHT, UP, CLOSER) * 3, frames=2))
    assert not is_performed(everything, (LEFT, UP, RIGHT))
    assert not is_performed(everything, (LEFT, RIGHT, UP))


def test_one_frame_alone_shows_nothing() -> None:
    assert performed(seen(acted(LEFT, RIGHT, frames=1))) == []
    slip = acted(LEFT) + [SHOWS[RIGHT]] + [STRAIGHT] + [SHOWS[UP]] * 2
    assert performed(seen(slip)) == [LEFT, UP]


def test_who_came_closer_may_stay_there() -> None:
    near = [(turned, up, 1.3) for turned, up, _ in acted(RIGHT)[3:]]
    stayed = acted(CLOSER)[:-1] + near + [SHOWS[CLOSER]] * 3
    assert performed(seen(stayed)) == [CLOSER, RIGHT]


def test_movement_is_measured_from_where_the_head_was_at_first() -> None:
    assert performed(seen(acted(LEFT), yaw=-14.0)) == [LEFT]
    assert performed(seen([STRAIGHT] * 12, yaw=20.0, pitch=15.0)) == []


def test_who_looks_aside_at_first_has_turned_nowhere() -> None:
    """Or else looking straight would be a turn."""
    assert performed(seen(acted(LEFT), yaw=-19.0)) == [LEFT]
    assert performed(seen(acted(LEFT), yaw=-21.0)) == []


def test_held_or_resumed_movement_is_one() -> None:
    assert performed(seen(acted(LEFT, LEFT, UP))) == [LEFT, UP]


def test_challenge_is_three_different_movements_and_any_of_the_24() -> None:
    drawn = [draw() for _ in range(600)]
    assert all(len(set(one)) == 3 for one in drawn)
    assert len(set(drawn)) == 24


def test_frames_that_are_too_few_show_nothing() -> None:
    assert performed([]) == performed(seen([SHOWS[LEFT]] * 3)) == []
