"""Faces that live under a faceId: enrolled by detect, asked about by recognition, gone when their time is over."""

from collections.abc import Sequence
from datetime import timedelta

from shared.engine import Engine, Face, Picture
from shared.errors import FaceNotFound
from shared.store.face_ids import FaceId, FaceIds, StoredFace

ASKED_AT_ONCE = 64


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

    def living(self, face_ids: Sequence[FaceId]) -> list[StoredFace]:
        """The faces, in that order. Raises FaceNotFound where one has expired or never was."""
        found: dict[FaceId, StoredFace] = {}
        for start in range(0, len(face_ids), ASKED_AT_ONCE):  # so that the first that is missing ends it
            some = face_ids[start : start + ASKED_AT_ONCE]
            found |= self._face_ids.find(some)
            if any(face_id not in found for face_id in some):
                raise FaceNotFound
        return [found[face_id] for face_id in face_ids]
