"""Verdicts on templates made to measure, through real storage."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from shared.clock import system_clock
from shared.engine import Engine, ModelLibrary
from shared.people.transient_faces import TransientFaces
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import FaceIds
from shared.store.key_ring import KeyRing, create_key_ring
from shared.store.tables import Tables


@pytest.mark.parametrize("cosine", [0.46495, 0.4649966, 0.465, 0.4650004, 0.46505])
def test_verdict_and_the_confidence_that_is_told_never_contradict(storage: str, tmp_path: Path, cosine: float) -> None:
    create_key_ring(tmp_path / "ring.json")
    tables = Tables(storage)
    face_ids = FaceIds(tables, Expiries(tables), Cipher(KeyRing.load(tmp_path / "ring.json")), system_clock)
    templates = np.zeros((2, 384), np.float32)
    templates[0, 0] = 1
    templates[1, :2] = cosine, np.sqrt(1 - cosine**2)
    reservation = face_ids.reserve(2, timedelta(seconds=60))
    face_ids.commit(reservation, "recognition_04", "fused-384", templates)
    verdict = TransientFaces(Engine(ModelLibrary.find()), face_ids).verify(*reservation.ids)
    assert verdict.identical is (verdict.confidence >= 0.5)
    assert verdict.confidence == pytest.approx(0.5, abs=1e-4)
