"""Labelled faces of people that no readout was trained on, and what the engine says of them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from shared.engine import Attributes, Engine, decode
from tests import faces
from tests.faces import Label
from tests.folds import HELD_OUT, fold

NAMES = ("glasses", "occlusion", "accessories", "mask")

_PLAIN_STEP = 8  # of the faces that show nothing special, every eighth


class Stranger(NamedTuple):
    """A face: what was seen by eye, and what the engine says."""

    label: Label
    found: Attributes

    def wears(self, kind: str) -> bool:
        return any(item.kind == kind for item in self.found.accessories or ())


def judged(engine: Engine) -> list[Stranger]:
    """All that show something, and some that do not."""
    chosen = [label for label in faces.labels() if fold(label.path) == HELD_OUT]
    plain = [label for label in chosen if not _special(label)]
    kept = {id(label) for label in chosen if _special(label)} | {id(label) for label in plain[::_PLAIN_STEP]}
    return [
        stranger
        for path, labels in groupby((label for label in chosen if id(label) in kept), lambda label: label.path)
        for stranger in _of(engine, path.read_bytes(), list(labels))
    ]


def _special(label: Label) -> bool:
    seen = (label.glasses, label.headwear, label.mask, label.forehead, label.mouth)
    return seen != ("none", "no", "no", "free", "free") or label.eyes == "covered"


def _of(engine: Engine, data: bytes, labels: Sequence[Label]) -> list[Stranger]:
    picture = decode(data)
    found = engine.detect(picture)
    chosen = [faces.labelled(found, label) for label in labels]
    return [Stranger(*pair) for pair in zip(labels, engine.attributes(picture, chosen, NAMES), strict=True)]


def share(group: Iterable[Stranger], says: Callable[[Stranger], bool], least: int) -> float:
    """How many of a group that must have at least so many faces."""
    said = [says(stranger) for stranger in group]
    assert len(said) >= least, len(said)
    return sum(said) / len(said)
