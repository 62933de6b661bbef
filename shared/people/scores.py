"""Cosines as the confidences that callers are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.engine.manifest import Manifest
from shared.gallery.confidence import IDENTICAL, CalibrationError, ConfidenceScale

DIGITS = 5
CALIBRATION = "calibration"
"""The folder, among an owner's models, of the calibrations of recognisers."""


def identical(told: float) -> bool:
    return told >= IDENTICAL


@dataclass(frozen=True, slots=True)
class Scores:
    """The confidence scales of the recognisers that this process knows, by the id that is stored with templates."""

    scales: Mapping[str, ConfidenceScale]

    @classmethod
    def load(cls, manifest: Manifest, own: Path | None = None) -> "Scores":
        """Of every recogniser that has a calibration: in the owner's folder, else ours.

        Raises CalibrationError where one that a recognition model stands for has none, or an unfit one."""
        folders = [own / CALIBRATION] if own else []
        chosen, scales = set(manifest.recognition_models.values()), {}
        for name, recogniser in manifest.recognisers.items():
            try:
                scales[recogniser.id] = ConfidenceScale.load(name, recogniser.fingerprint, folders)
            except CalibrationError:
                if name in chosen:
                    raise
        return cls(scales)

    def knows(self, recogniser: str) -> bool:
        """Whether there is a scale: not for what an owner's recogniser made that is there no more."""
        return recogniser in self.scales

    def confidence(self, recogniser: str, cosine: float) -> float:
        """On the published scale, rounded as it is told: whatever is decided, is decided from this."""
        return round(self.scales[recogniser].of(cosine), DIGITS)

    def cosine_at(self, recogniser: str, confidence: float) -> float:
        """The least that has this confidence, before rounding."""
        return self.scales[recogniser].cosine_at(confidence)
