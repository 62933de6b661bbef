"""Verdicts on templates made to measure, through real storage."""

from datetime import timedelta

import numpy as np
import pytest

from shared.gallery.confidence import ConfidenceScale
from shared.services import Services
from shared.store.face_ids import FaceIds


@pytest.mark.parametrize("beside", [-5e-5, -3.4e-6, 0, 4e-7, 5e-5])
def test_verdict_and_the_confidence_that_is_told_never_contradict(
    domain: Services, face_ids: FaceIds, beside: float
) -> None:
    cosine = ConfidenceScale.load("fused-384").cosine_at(0.5) + beside
    templates = np.zeros((2, 384), np.float32)
    templates[0, 0] = 1
    templates[1, :2] = cosine, np.sqrt(1 - cosine**2)
    reservation = face_ids.reserve(2, timedelta(seconds=60))
    face_ids.commit(reservation, "recognition_04", "fused-384", templates)
    verdict = domain.recognition.verify_faces(*reservation.ids)
    assert verdict.identical is (verdict.confidence >= 0.5)
    assert verdict.confidence == pytest.approx(0.5, abs=1e-4)
