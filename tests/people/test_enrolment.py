"""Which face of a picture is enrolled, on a picture of four people."""

import numpy as np
import pytest

from shared.engine import Engine, ModelLibrary, Picture, decode
from shared.errors import BadArgument, InvalidImage
from shared.people.enrolment import Enrolment, Target
from tests.faces import ROOT

MODEL = "recognition_04"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(ModelLibrary.find())


@pytest.fixture(scope="module")
def crowd() -> Picture:
    return decode((ROOT / "azure" / "images" / "identification1.jpg").read_bytes())


def enrol(engine: Engine, picture: Picture, target: Target | None) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return Enrolment(engine).face(picture, target, "detection_03", MODEL, None).template


def test_the_rectangle_that_detect_answered_means_its_face(engine: Engine, crowd: Picture) -> None:
    faces = engine.detect(crowd)
    templates = engine.embed(crowd, faces, MODEL)
    assert len(faces) == 4
    for face, template in zip(faces, templates, strict=True):
        target = Target(*face.box.pixels(crowd.width, crowd.height))
        assert enrol(engine, crowd, target) @ template == pytest.approx(1, abs=1e-5)


def test_a_loose_rectangle_around_one_face_means_it(engine: Engine, crowd: Picture) -> None:
    face = engine.detect(crowd)[0]
    left, top, width, height = face.box.pixels(crowd.width, crowd.height)
    loose = Target(left - width // 4, top - height // 4, width + width // 2, height + height // 2)
    assert enrol(engine, crowd, loose) @ engine.embed(crowd, [face], MODEL)[0] == pytest.approx(1, abs=1e-5)


def test_without_a_rectangle_there_must_be_exactly_one_face(engine: Engine, crowd: Picture) -> None:
    with pytest.raises(InvalidImage, match="There is more than 1 face in the image"):
        enrol(engine, crowd, None)
    with pytest.raises(InvalidImage, match="There is more than 1 face in the image"):
        enrol(engine, crowd, Target(0, 0, crowd.width, crowd.height))


def test_a_rectangle_without_a_face_is_told_so(engine: Engine, crowd: Picture) -> None:
    with pytest.raises(InvalidImage, match="No face detected in the image"):
        enrol(engine, crowd, Target(0, 0, 20, 20))


@pytest.mark.parametrize(
    "beyond", [(-1, 0, 50, 50), (0, 0, 100_000, 50), (0, 100_000, 5, 5), (0, 0, 0, 5), (0, 0, 5, -5)]
)
def test_a_rectangle_that_leaves_the_picture_is_out_of_range(
    engine: Engine, crowd: Picture, beyond: tuple[int, int, int, int]
) -> None:
    with pytest.raises(BadArgument, match="Argument targetFace out of range"):
        enrol(engine, crowd, Target(*beyond))
