"""The rows of numbers that a readout is fitted to and measured on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from infra.models.ridge import Flags, Floats
from infra.models.tasks import Task
from infra.models.training_set import Example
from infra.models.views import photographed
from tests.folds import FOLDS

MADE_UP = 400  # faces that something is laid over, where a readout wants that
SEED = 20

_VIEWS = {True: 6, False: 2}  # of a face that shows the thing, and of one that does not
_SHARE = 0.3  # what a made-up face counts beside a real one

Look = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Strips [n,64,128,3] -> features [n,768]."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a line is fitted to and measured on: features [n,d], and of each row whether it shows the thing, what it
    counts, the part of the people, and whether it is a face as it was photographed."""

    features: NDArray[np.float32]
    truth: Flags
    worth: Floats
    fold: NDArray[np.int_]
    real: Flags
    made_up: Flags


def rows(task: Task, known: Sequence[Example], look: Callable[[NDArray[np.uint8]], NDArray[np.float32]]) -> Rows:
    """Each face as it is and in several views, and what is made up."""
    rng = np.random.default_rng(SEED)
    pictures: list[NDArray[np.uint8]] = []
    facts: list[tuple[bool, float, int, bool, bool]] = []
    for example in known:
        if (truth := task.truth(example.label)) is None:
            continue
        own, count = example.strips[task.strip], _VIEWS[truth]
        pictures += [own[0], *(photographed(own[1 + view % (len(own) - 1)], rng) for view in range(count))]
        facts += [(truth, 1 / (1 + count), example.fold, view == 0, False) for view in range(1 + count)]
    for part, covered in _made_up(task, known, rng):
        pictures += [covered, photographed(covered, rng)]
        facts += [(task.then, 0.5 * _SHARE, part, False, True)] * 2
    truth_, worth, fold, real, made_up = (np.array(column) for column in zip(*facts, strict=True))
    return Rows(look(np.stack(pictures)), truth_, worth, fold, real, made_up)


def _made_up(task: Task, known: Sequence[Example], rng: Generator) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Faces that something is laid over, and their part of the people: the donors are of the same."""
    if not task.made_up:
        return
    bare = [example for example in known if task.truth(example.label) is False]
    donors = [[one for one in known if one.fold == fold and task.donor(one.label)] for fold in range(FOLDS)]
    for at in rng.choice(len(bare), MADE_UP, replace=False):
        face = bare[at]
        other = donors[face.fold][int(rng.integers(len(donors[face.fold])))]
        yield face.fold, task.made_up(face.strips[task.strip][0], other.strips[task.source][0], rng)
