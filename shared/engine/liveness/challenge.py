"""Movements asked for at random, and whether frames show them: each one, in their order, and no other between."""

import secrets
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

import numpy as np

from .look import Glimpse, side


class Action(StrEnum):
    """Left and right are the person's own."""

    TURN_LEFT = "TurnLeft"
    TURN_RIGHT = "TurnRight"
    LOOK_UP = "LookUp"
    MOVE_CLOSER = "MoveCloser"


ACTIONS_ASKED = 3
TURNED_FROM = 15.0  # degrees of yaw
RAISED_FROM = 10.0  # degrees of pitch
CLOSER_FROM = 1.25  # times the face's side
FIRST_FRAMES = 3  # that show where the head is without any of them
STRAIGHT_UP_TO = 20.0  # degrees of yaw in those: who looks aside at first would turn by looking straight
LEAST_FRAMES = 2  # that show an action: one alone may be a slip of the landmarks


def draw() -> tuple[Action, ...]:
    """One of 24 sequences, which cannot be foretold."""
    return tuple(secrets.SystemRandom().sample(list(Action), ACTIONS_ASKED))


def is_performed(glimpses: Sequence[Glimpse], asked: Sequence[Action]) -> bool:
    """`glimpses`: in the order of their times, those without a face left out."""
    return performed(glimpses) == list(asked)


def performed(glimpses: Sequence[Glimpse]) -> list[Action]:
    """The actions that frames show, in order. Coming closer counts once: who came closer may stay there."""
    shown: list[Action] = []
    for action, frames in groupby(_labels(glimpses)):
        repeated = bool(shown) and action == shown[-1]
        known = repeated or (action is Action.MOVE_CLOSER and action in shown)
        if action is not None and not known and sum(1 for _ in frames) >= LEAST_FRAMES:
            shown.append(action)
    return shown


def _labels(glimpses: Sequence[Glimpse]) -> list[Action | None]:
    """What each frame shows, measured from where the first ones stand."""
    measured = np.array([_measures(one) for one in glimpses])
    if len(measured) <= FIRST_FRAMES:
        return []
    yaw, pitch, size = np.median(measured[:FIRST_FRAMES], axis=0)
    if abs(yaw) > STRAIGHT_UP_TO:
        return []
    return [_label(own_yaw - yaw, own_pitch - pitch, own_size / size) for own_yaw, own_pitch, own_size in measured]


def _measures(glimpse: Glimpse) -> tuple[float, float, float]:
    if glimpse.face is None or glimpse.pose is None:
        raise ValueError("a frame without a face has no pose")
    return glimpse.pose.yaw, glimpse.pose.pitch, side(glimpse.face.box)


def _label(yaw: float, pitch: float, growth: float) -> Action | None:
    """The greatest of what is great enough. A turn of the head changes the size of its box little; coming closer may
    raise it a little: the head's movement goes first."""
    turned, raised = abs(yaw) / TURNED_FROM, pitch / RAISED_FROM
    if max(turned, raised) >= 1:
        if turned < raised:
            return Action.LOOK_UP
        return Action.TURN_LEFT if yaw > 0 else Action.TURN_RIGHT  # yaw grows to the viewer's right, the person's left
    return Action.MOVE_CLOSER if growth >= CLOSER_FROM else None
