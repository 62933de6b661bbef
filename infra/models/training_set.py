"""The labelled faces of `../shared/faces` as strips, by person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from infra.models.views import jittered
from shared.engine import Engine, Picture, decode
from shared.engine.align import chips
from shared.engine.attributes.strips import HEIGHT, STRIPS, WIDTH, Strip, placement
from tests import faces
from tests.faces import Label
from tests.folds import fold

JITTERED = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled face. `strips`: of each kind [1 + JITTERED,64,128,3], the first as the service sees it."""

    label: Label
    fold: int
    strips: Mapping[str, NDArray[np.uint8]]


def examples(engine: Engine, rng: Generator) -> Iterator[Example]:
    """Every labelled face, in the order of the file."""
    for path, labels in groupby(faces.labels(), lambda label: label.path):
        picture = decode(path.read_bytes())
        found = engine.detect(picture)
        for label in labels:
            face = faces.labelled(found, label)
            (mesh,) = engine.landmarks(picture, [face])
            strips = {name: _views(picture, mesh, kind, rng) for name, kind in STRIPS.items()}
            yield Example(label, fold(path), strips)


def _views(picture: Picture, mesh: NDArray[np.float32], kind: Strip, rng: Generator) -> NDArray[np.uint8]:
    place = placement(mesh, kind)
    return chips(picture, [place, *(jittered(place, rng) for _ in range(JITTERED))], WIDTH, HEIGHT)
