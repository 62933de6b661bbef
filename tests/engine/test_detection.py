"""Faces are found where OpenCV finds them, at any size and orientation."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from PIL import Image

from shared.engine import Box, Engine, Face, ModelLibrary, Picture, UnknownModel, decode, detector
from shared.engine.workers import cores
from tests import faces
from tests.engine import samples
from tests.engine.opencv_reference import OpenCvPipeline


def _overlap(one: Box, other: Box) -> float:
    common = one.common(other)
    return common / (one.area + other.area - common)


def _assert_same_faces(found: list[Face], expected: list[Face], least: float) -> None:
    assert len(found) == len(expected)
    for face in expected:
        assert max(_overlap(face.box, other.box) for other in found) >= least


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("step", "least"), [(10, 240), pytest.param(1, 2800, marks=(pytest.mark.slow, pytest.mark.timeout(900)))]
)
def test_one_look_finds_the_faces_of_every_picture_that_opencv_finds(
    library: ModelLibrary, opencv: OpenCvPipeline, step: int, least: int
) -> None:
    """To the pixel, but for pictures that are shrunk: OpenCV and Pillow average differently there."""
    once = replace(library.manifest.detectors["detection_01"], long_sides=(1280,))
    session = library.session(once.model, cores())
    overlaps, unequal = [], []
    for path in faces.pictures()[::step]:
        data = path.read_bytes()
        found = detector.detect(session, once, decode(data))
        pixels = opencv.decode(data)
        boxes = [Box(*row.tolist()) for row in opencv.detect(pixels, _long_side(*pixels.shape[:2])).boxes]
        if len(found) != len(boxes):
            unequal.append(path.name)
            continue
        overlaps += [max(_overlap(face.box, box) for box in boxes) for face in found]
    assert len(overlaps) > least
    assert len(unequal) <= 2, unequal
    assert np.mean(np.array(overlaps) >= 0.95) >= 0.99


def _long_side(height: int, width: int) -> int:
    """1280, in a picture that is more elongated than 16:9 as many as gives the pixels of that."""
    longer, shorter = max(height, width), min(height, width)
    return round(1280 * max(1.0, sqrt(longer / shorter * 9 / 16)))


def test_no_face_is_seen_where_there_is_none(engine: Engine) -> None:
    seen = {row["file"] for row in faces.rows("no_face", "counts") if int(row["faces"]) == 0}
    base = faces.folder("no_face")
    wrong = [name for name in seen if engine.detect(decode((base / name).read_bytes()))]
    assert len(wrong) <= 1


def _areas(found: list[Face], picture: Picture) -> list[int]:
    rectangles = [face.box.pixels(picture.width, picture.height) for face in found]
    return [width * height for _, _, width, height in rectangles]


@pytest.mark.parametrize("source", ["crowd", "azure", "deepface", "cmu_mit", "face_recognition", "dlib"])
def test_faces_come_largest_first_by_the_rectangles_that_are_answered(engine: Engine, source: str) -> None:
    several = 0
    for path in faces.pictures(source):
        picture = decode(path.read_bytes())
        areas = _areas(engine.detect(picture), picture)
        several += len(areas) > 1
        assert areas == sorted(areas, reverse=True), path
    assert several


def test_faces_cut_off_by_the_edge_count_for_what_is_seen_of_them(engine: Engine) -> None:
    family = Image.open(samples.FAMILY)
    cut = 0
    for face in engine.detect(decode(samples.FAMILY.read_bytes())):
        left = round(face.box.left + 0.45 * face.box.width)
        picture = decode(samples.encoded(family.crop((left, 0, *family.size)), "PNG"))
        found = engine.detect(picture)
        cut += any(other.box.left < 0 for other in found)
        areas = _areas(found, picture)
        assert areas == sorted(areas, reverse=True)
    assert cut


def test_no_more_faces_are_given_than_asked_for(engine: Engine) -> None:
    for path in faces.pictures("crowd"):
        picture = decode(path.read_bytes())
        every = engine.detect(picture)
        assert len(every) >= 10
        few = engine.detect(picture, limit=3)
        assert [face.box for face in few] == [face.box for face in every[:3]]


def test_no_faces_are_given_when_none_are_asked_for(engine: Engine) -> None:
    assert engine.detect(decode(samples.PORTRAIT.read_bytes()), limit=0) == []


def test_every_orientation_gives_the_same_faces(engine: Engine) -> None:
    base = faces.folder("exif")
    for name in ("identification1", "detection6"):
        first = engine.detect(decode((base / f"images/{name}_o1.jpg").read_bytes()))
        assert len(first) >= 2
        for orientation in range(2, 9):
            turned = engine.detect(decode((base / f"images/{name}_o{orientation}.jpg").read_bytes()))
            _assert_same_faces(turned, first, 0.9)


def test_each_orientation_sample_has_the_faces_it_promises(engine: Engine) -> None:
    base = faces.folder("exif")
    for row in faces.rows("exif", "exif"):
        found = engine.detect(decode((base / row["file"]).read_bytes()))
        assert len(found) >= int(row["min_faces"]), row["file"]


@pytest.mark.parametrize("size", [(1400, 930), (2601, 1727), (4000, 2656), (5200, 3453), (7001, 4649)])
def test_a_face_keeps_its_place_whatever_the_size_of_the_photo(
    engine: Engine, opencv: OpenCvPipeline, size: tuple[int, int]
) -> None:
    """Boxes and points are full-size pixels, though a large photo is decoded and searched at a smaller scale."""
    data = samples.encoded(samples.portrait().resize(size, Image.Resampling.BICUBIC), "JPEG", quality=92)
    expected = opencv.detect(opencv.decode(data))
    (face,) = engine.detect(decode(data))
    eyes = np.linalg.norm(expected.points[0, 1] - expected.points[0, 0])
    assert _overlap(face.box, Box(*expected.boxes[0].tolist())) > 0.9
    assert np.linalg.norm(face.points - expected.points[0], axis=1).max() < 0.1 * eyes


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (31, 33), (1281, 1), (2000, 2)])
def test_pictures_too_small_for_a_face_have_none(engine: Engine, size: tuple[int, int]) -> None:
    assert engine.detect(decode(samples.encoded(Image.new("RGB", size, "grey"), "PNG"))) == []


def test_grey_pictures_are_searched_like_colour_ones(engine: Engine) -> None:
    grey = samples.portrait().convert("L")
    one = engine.detect(decode(samples.encoded(grey, "PNG")))
    other = engine.detect(decode(samples.encoded(grey.convert("RGB"), "PNG")))
    assert [face.box for face in one] == [face.box for face in other]
    assert len(one) == 1


def test_all_detection_models_find_the_family(engine: Engine) -> None:
    picture = decode(samples.FAMILY.read_bytes())
    for model in ("detection_01", "detection_02", "detection_03"):
        assert len(engine.detect(picture, model)) == 4


def test_an_unknown_detection_model_is_named_in_the_error(engine: Engine) -> None:
    with pytest.raises(UnknownModel, match="detection_99"):
        engine.detect(decode(samples.PORTRAIT.read_bytes()), "detection_99")
