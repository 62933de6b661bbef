"""What is read off the features of strips: one line through them for each thing to tell, made by infra/models/readouts.

`readouts.json` holds the lines, and how each does on people that it was not trained on. The score of a line is the log
odds that a face shows the thing, where it is as frequent as among the labelled faces.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .sight import Sight
from .strips import STRIPS, features

PATH = Path(__file__).with_name("readouts.json")

_LOOKS = {name: partial(features, strip=strip) for name, strip in STRIPS.items()}
_MOST_ODDS = 30.0


class Verdict(NamedTuple):
    """Whether a face shows the thing, and how probable that is."""

    shows: bool
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class Readout:
    """A face shows the thing where features . weights + bias reaches the threshold."""

    strip: str
    weights: NDArray[np.float32]
    bias: float
    threshold: float

    def verdict(self, seen: NDArray[np.float32]) -> Verdict:
        """Of one strip's features."""
        odds = min(max(float(seen @ self.weights) + self.bias, -_MOST_ODDS), _MOST_ODDS)
        return Verdict(odds >= self.threshold, float(1 / (1 + np.exp(-odds))))


@cache
def readouts() -> Mapping[str, Readout]:
    """Every readout by its name."""
    return {name: _readout(entry) for name, entry in json.loads(PATH.read_bytes())["readouts"].items()}


def judged(sight: Sight, name: str) -> list[Verdict]:
    """Of each face; the features of a strip are worked out once for all that is read off them.

    Raises ModelError, PictureError."""
    readout = readouts()[name]
    return [readout.verdict(seen) for seen in sight.once(_LOOKS[readout.strip])]


def _readout(entry: Mapping[str, str | float]) -> Readout:
    weights = np.frombuffer(b64decode(str(entry["weights"])), "<f2").astype(np.float32)
    return Readout(str(entry["strip"]), weights, float(entry["bias"]), float(entry["threshold"]))
