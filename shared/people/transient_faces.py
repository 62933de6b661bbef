"""Faces that live under a faceId: enrolled by detect, compared by verify, gone when their time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from shared.engine import Engine, Face, Picture
from shared.errors import BadArgument, FaceNotFound
from shared.gallery.confidence import IDENTICAL, ConfidenceScale
from shared.store.face_ids import FaceId, FaceIds, StoredFace

CONFIDENCE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`confidence` on the published scale, as it is told; `identical` from 0.5 on, decided from what is told."""

    identical: bool
    confidence: float


class TransientFaces:
    def __init__(self, engine: Engine, face_ids: FaceIds) -> None:
        self._engine = engine
        self._face_ids = face_ids

    def enrol(
        self, picture: Picture, faces: Sequence[Face], recognition_model: str, life: timedelta
    ) -> tuple[FaceId, ...]:
        """Ids for the faces of one picture, in their order. When it returns, every template is stored."""
        if not faces:
            return ()
        reservation = self._face_ids.reserve(len(faces), life)
        templates = self._engine.embed(picture, faces, recognition_model)
        recogniser = self._engine.recogniser(recognition_model)
        self._face_ids.commit(reservation, recognition_model, recogniser, templates)
        return reservation.ids

    def verify(self, first: FaceId, second: FaceId) -> Verdict:
        """Raises FaceNotFound where either has expired or never was, BadArgument across recognition models."""
        one, other = self._living((first, second))
        if (one.recognition_model, one.recogniser) != (other.recognition_model, other.recogniser):
            raise BadArgument("'recognitionModel' is incompatible.")
        confidence = round(_scale(one.recogniser).of(float(one.template @ other.template)), CONFIDENCE_DIGITS)
        return Verdict(confidence >= IDENTICAL, confidence)

    def _living(self, face_ids: Sequence[FaceId]) -> list[StoredFace]:
        found = self._face_ids.find(face_ids)
        if any(face_id not in found for face_id in face_ids):
            raise FaceNotFound
        return [found[face_id] for face_id in face_ids]


@cache
def _scale(recogniser: str) -> ConfidenceScale:
    return ConfidenceScale.load(recogniser)
