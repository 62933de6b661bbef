"""Quality falls with what makes recognition harder, and foretells how alike two pictures will look."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shared.engine import Engine, Face, ModelLibrary, Picture, decode
from shared.engine.attributes import Level, Sight, quality
from shared.engine.attributes.head_pose import turn
from tests import faces
from tests.engine import samples
from tests.engine.test_head_pose import rotation

ORDER: list[Level] = ["low", "medium", "high"]


def _level(engine: Engine, image: Image.Image) -> Level:
    picture = decode(samples.encoded(image, "BMP"))
    (found,) = engine.attributes(picture, engine.detect(picture, limit=1), ["quality_for_recognition"])
    assert found.quality_for_recognition is not None
    return found.quality_for_recognition


def _score(engine: Engine, library: ModelLibrary, picture: Picture, face: Face) -> float:
    return quality.scores(Sight(library, 1, picture, [face], lambda: engine.landmarks(picture, [face])))[0]


def test_quality_falls_the_more_a_picture_is_blurred(engine: Engine, library: ModelLibrary) -> None:
    picture = decode(samples.PORTRAIT.read_bytes())
    face = engine.detect(picture, limit=1)[0]
    scores = []
    for radius in (0, 4, 8, 12, 16):
        blurred = decode(samples.encoded(samples.portrait().filter(ImageFilter.GaussianBlur(radius)), "PNG"))
        scores.append(_score(engine, library, blurred, face))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= quality.HIGH_FROM
    assert scores[-1] < quality.MEDIUM_FROM


def test_quality_never_rises_as_a_picture_shrinks_and_small_faces_are_not_high(engine: Engine) -> None:
    photo = samples.portrait()  # the face is 227 pixels wide
    factors = (1, 0.5, 0.28, 0.15, 0.12, 0.08)
    levels = [_level(engine, photo.resize((round(photo.width * f), round(photo.height * f)))) for f in factors]
    ranks = [ORDER.index(level) for level in levels]
    assert ranks == sorted(ranks, reverse=True)
    assert levels[0] == levels[1] == "high"
    assert "high" not in levels[3:]
    assert levels[-1] == "low"


def test_the_quickstart_pictures_have_the_level_that_azure_face_gives_them(engine: Engine) -> None:
    """Microsoft's recordings: a woman who looks at the viewer, and a man who looks aside."""
    folder = faces.folder("azure") / "images"
    assert _level(engine, Image.open(folder / "detection1.jpg")) == "high"
    assert _level(engine, Image.open(folder / "detection3.jpg")) == "medium"


@pytest.mark.parametrize(
    ("axis", "angle", "level"), [(1, 30, "high"), (1, 55, "medium"), (0, 20, "high"), (0, 50, "medium")]
)
def test_a_face_that_looks_far_aside_up_or_down_is_not_high(
    axis: int, angle: float, level: Level, engine: Engine
) -> None:
    """The picture of one that is high otherwise, with its mesh turned about the vertical axis or the horizontal one."""
    picture = decode((faces.folder("lfw") / "images" / "AJ_Cook_0001.jpg").read_bytes())
    found = engine.detect(picture, limit=1)
    mesh = engine.landmarks(picture, found)[0]
    ahead = (mesh - mesh.mean(axis=0)) @ turn(mesh)
    meshes = (ahead @ rotation(axis, angle).T).astype(np.float32)[None]
    (attributes,) = engine.attributes(picture, found, ["head_pose", "quality_for_recognition"], meshes)
    pose = attributes.head_pose
    assert pose is not None
    assert max(abs(pose.yaw), abs(pose.pitch)) == pytest.approx(angle, abs=1)
    assert attributes.quality_for_recognition == level


@pytest.mark.slow
def test_a_face_behind_a_mask_is_not_high(engine: Engine) -> None:
    levels = []
    for label in faces.labels():
        if label.mask == "yes":
            picture = decode(label.path.read_bytes())
            face = faces.labelled(engine.detect(picture), label)
            (found,) = engine.attributes(picture, [face], ["mask", "quality_for_recognition"])
            if found.mask and found.mask.kind == "faceMask":
                levels.append(found.quality_for_recognition)
    assert len(levels) >= 40
    assert "high" not in levels


def test_most_large_plain_portraits_are_high(engine: Engine) -> None:
    levels = [_level(engine, Image.open(path).convert("RGB")) for path in faces.pictures("deepface")[::2]]
    assert np.mean([level == "high" for level in levels]) >= 0.85


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_quality_foretells_the_likeness_to_another_picture_of_the_person(engine: Engine, library: ModelLibrary) -> None:
    """Rank correlation over pairs of which one picture is blurred, from not at all to heavily."""
    likeness, scores = np.array(list(_blurred_pairs(engine, library))).T
    assert len(scores) == 60
    assert np.corrcoef(_ranks(likeness), _ranks(scores))[0, 1] > 0.7


def _blurred_pairs(engine: Engine, library: ModelLibrary) -> Iterator[tuple[float, float]]:
    """Likeness, and the quality of the blurred one."""
    for index, pair in enumerate([pair for pair in faces.pairs("lfw") if pair.same][:240:4]):
        plain = decode(pair.first.read_bytes())
        photo = Image.open(pair.second).convert("RGB")
        face = engine.detect(decode(pair.second.read_bytes()), limit=1)[0]
        blurred = decode(samples.encoded(photo.filter(ImageFilter.GaussianBlur(index % 5)), "PNG"))
        one, other = engine.embed(plain, engine.detect(plain, limit=1))[0], engine.embed(blurred, [face])[0]
        yield float(one @ other), _score(engine, library, blurred, face)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.intp]:
    return values.argsort().argsort()
