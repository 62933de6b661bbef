"""The confidence scale: from the cosine of two templates to the published 0..1 scale.

confidence = -log10(false match rate) / 10, so 0.5 means one false match in 100,000 comparisons of different people
(Azure Face, "characteristics and limitations"). A calibration file per recogniser gives points of the false match rate;
between them its logarithm is linear in the cosine, and beyond them the nearest segment is continued. The file says of
each point whether it was measured or extrapolated; `python dev.py models calibrate` makes it.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CALIBRATIONS = Path(__file__).parent / "calibration"

IDENTICAL = 0.5
"""Two faces are said to be of one person from this confidence on (the contract's verify)."""


class CalibrationError(Exception):
    """A recogniser has no confidence scale, or its file holds none."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceScale:
    """Strictly rising `cosines` and the `confidences` measured at them; at least two points."""

    cosines: NDArray[np.float64]
    confidences: NDArray[np.float64]

    @classmethod
    def load(cls, recogniser: str, fingerprint: str | None = None, folders: Sequence[Path] = ()) -> "ConfidenceScale":
        """From the first of the folders that has the recogniser's file, and then from ours.

        Raises CalibrationError where none has it, or it was made of other templates than `fingerprint` tells.
        """
        places = [*folders, CALIBRATIONS]
        file = next((path for folder in places if (path := folder / f"{recogniser}.json").is_file()), None)
        if file is None:
            raise CalibrationError(f"the recogniser {recogniser!r} has no calibration; looked in {_listed(places)}")
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            made_of = document["fingerprint"]
            scale = cls.through([(point["cosine"], point["false_match_rate"]) for point in document["points"]])
        except (ValueError, TypeError, KeyError) as error:
            raise CalibrationError(f"{file} is no calibration: {type(error).__name__}: {error}") from None
        if fingerprint is not None and made_of != fingerprint:
            raise CalibrationError(f"{file} was made of other templates than those of {recogniser!r}: calibrate again")
        return scale

    @classmethod
    def through(cls, points: Sequence[tuple[float, float]]) -> "ConfidenceScale":
        """Of two points or more, cosine and false match rate. Raises ValueError where confidence does not rise."""
        cosines = np.array([float(cosine) for cosine, _ in points])
        confidences = np.array([-math.log10(rate) / 10 for _, rate in points])
        if len(points) < 2 or not (np.all(np.diff(cosines) > 0) and np.all(np.diff(confidences) > 0)):
            raise ValueError("there must be two points, and cosine and confidence must both rise")
        return cls(cosines, confidences)

    def of(self, cosine: float) -> float:
        """Confidence in 0..1 for a cosine in -1..1; never falls as the cosine rises."""
        x, y = self.cosines, self.confidences
        upper = int(np.clip(np.searchsorted(x, cosine), 1, len(x) - 1))
        slope = (y[upper] - y[upper - 1]) / (x[upper] - x[upper - 1])
        return float(np.clip(y[upper] + slope * (cosine - x[upper]), 0.0, 1.0))

    def cosine_at(self, confidence: float) -> float:
        """The least cosine, in -1..1, that has this confidence: -1 for 0, since nothing has less."""
        if confidence <= 0:
            return -1.0
        x, y = self.cosines, self.confidences
        upper = int(np.clip(np.searchsorted(y, confidence), 1, len(y) - 1))
        slope = (x[upper] - x[upper - 1]) / (y[upper] - y[upper - 1])
        return float(np.clip(x[upper] + slope * (confidence - y[upper]), -1.0, 1.0))


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(map(str, folders))
