"""Faces are found whatever their size, their turn and the form of the picture, and their templates are good."""

from collections.abc import Callable, Sequence
from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.engine import Box, Engine, Face, ModelLibrary, decode, detector
from shared.engine.manifest import Detector
from tests import faces
from tests.engine import samples, scenes

SAME = 0.465  # cosine of one person: confidence 0.5


def _overlap(one: Box, other: Box) -> float:
    common = one.common(other)
    return common / (one.area + other.area - common)


def _found(truth: Sequence[Box], seen: Sequence[Face], least: float = 0.4) -> int:
    return sum(any(_overlap(face.box, box) > least for face in seen) for box in truth)


@pytest.mark.parametrize(("model", "least"), [("detection_01", 0.9), ("detection_03", 0.97)])
def test_faces_of_36_pixels_are_found_in_a_picture_of_1080_rows(engine: Engine, model: str, least: float) -> None:
    """The contract's 36 x 36: boxes of about that area, 41 pixels high."""
    some = scenes.cuttings(engine, 70)
    data, truth = scenes.scattered(some, (1920, 1080), 41, 7, 10)
    assert _found(truth, engine.detect(decode(data), model)) >= least * len(truth)


def test_the_third_detection_model_finds_smaller_faces_than_the_first(engine: Engine) -> None:
    data, truth = scenes.scattered(scenes.cuttings(engine, 70), (1920, 1080), 26, 7, 10)
    first, third = (_found(truth, engine.detect(decode(data), model)) for model in ("detection_01", "detection_03"))
    assert third > first


@pytest.mark.parametrize(("model", "least"), [("detection_01", 0.75), ("detection_03", 0.95)])
@pytest.mark.parametrize("size", [(6000, 300), (400, 6000), (12000, 200)])
def test_faces_in_elongated_pictures_are_found(engine: Engine, size: tuple[int, int], model: str, least: float) -> None:
    """As in any picture of that many pixels, though a long side of 1280 would leave less than 9 of their 42."""
    rows, columns = (1, 20) if size[0] > size[1] else (20, 1)
    data, truth = scenes.scattered(scenes.cuttings(engine, 70), size, 42, rows, columns)
    assert _found(truth, engine.detect(decode(data), model)) >= least * len(truth)


@pytest.mark.parametrize("model", ["detection_01", "detection_03"])
@pytest.mark.parametrize(
    ("side", "share"), [(1280, 0.6), (1280, 0.75), (1280, 0.9), (2600, 0.75), (2600, 1.0), (900, 1.1)]
)
def test_a_face_that_fills_a_large_picture_is_found_once_and_whole(
    engine: Engine, side: int, share: float, model: str
) -> None:
    """Not missed, and no nose or eye taken for a face, as happens from about 900 pixels in one look at 1280."""
    for name in ("azure/images/detection1.jpg", "deepface/images/img10.jpg"):
        photo = Image.open(faces.ROOT / name).convert("RGB")
        box = engine.detect(decode((faces.ROOT / name).read_bytes()))[0].box
        half, centre = box.height / share / 2, (box.left + box.width / 2, box.top + box.height / 2)
        close = photo.crop(scenes.square(centre, half)).resize((side, side), Image.Resampling.BICUBIC)
        (face,) = engine.detect(decode(samples.encoded(close, "JPEG", quality=92)), model)
        grown = side / half / 2
        middle, wide, high = side / 2, box.width * grown, box.height * grown
        assert _overlap(face.box, Box(middle - wide / 2, middle - high / 2, wide, high)) > 0.7, name


@pytest.mark.parametrize("model", ["detection_01", "detection_03"])
def test_a_smaller_look_makes_up_no_face_beside_a_portrait(engine: Engine, model: str) -> None:
    """At 480 pixels his lapel looks like one, a little."""
    photo = next(path for path in faces.pictures("face_recognition") if path.name == "biden_2.jpg")
    (face,) = engine.detect(decode(photo.read_bytes()), model)
    assert face.score > 0.9


def test_one_look_at_a_large_face_would_not_do(engine: Engine, library: ModelLibrary) -> None:
    """What the test above is there for."""
    photo = faces.folder("deepface") / "images" / "img10.jpg"
    (face,) = engine.detect(decode(photo.read_bytes()))
    box = face.box
    close = Image.open(photo).crop((box.left, box.top, box.left + box.width, box.top + box.height))
    picture = decode(samples.encoded(close.resize((1200, round(1200 * close.height / close.width))), "JPEG"))
    settings = library.manifest.detectors["detection_01"]
    once = Detector(settings.model, settings.long_sides[:1], settings.score, settings.overlap, False)
    whole = Box(0, 0, picture.width, picture.height)
    assert all(
        _overlap(one.box, whole) < 0.5 for one in detector.detect(library.session(settings.model), once, picture)
    )
    assert _overlap(engine.detect(picture)[0].box, whole) > 0.7


def test_somebody_in_the_background_of_a_selfie_is_found_too(engine: Engine) -> None:
    large, small = scenes.cuttings(engine, 70)[3:5]
    piece, box = large.at(1000)
    behind, place = small.at(60)
    canvas = Image.new("RGB", (1280, 1900), (120, 130, 140))
    canvas.paste(piece, (0, 200))
    canvas.paste(behind, (1150, 20))
    seen = engine.detect(decode(samples.encoded(canvas, "JPEG", quality=92)))
    truth = [Box(box.left, 200 + box.top, box.width, box.height), Box(1150 + place.left, 20 + place.top, *_size(place))]
    assert _found(truth, seen) == 2


def _size(box: Box) -> tuple[float, float]:
    return box.width, box.height


def test_the_hundred_largest_of_a_crowd_are_kept(engine: Engine) -> None:
    some = (scenes.cuttings(engine, 70) * 2)[:120]
    small, _ = scenes.scattered(some, (1920, 1080), 46, 8, 15)
    canvas = Image.open(BytesIO(small))
    piece, _ = some[0].at(120)
    canvas.paste(piece, (0, 0))
    picture = decode(samples.encoded(canvas, "JPEG", quality=92))
    every, kept = engine.detect(picture, limit=1000), engine.detect(picture)
    assert len(every) > 105
    assert [face.box for face in kept] == [face.box for face in every[:100]]
    assert kept[0].box.height > 90


@pytest.mark.slow
def test_faces_turned_by_any_angle_are_found_and_recognised_by_the_third_detection_model(engine: Engine) -> None:
    """Measured over 54 faces: 50 to 54 at each angle. The other models find most, but their templates are worthless
    from 60 degrees on."""
    some = scenes.cuttings(engine, 70)[:6]
    upright = [_largest(engine, cutting.turned(0), "detection_01") for cutting in some]
    alike = np.array(
        [
            [
                float(np.dot(one, _largest(engine, cutting.turned(angle), "detection_03")))
                for angle in range(15, 181, 15)
            ]
            for one, cutting in zip(upright, some, strict=True)
        ]
    )
    assert (alike >= SAME).mean() > 0.93
    assert (alike >= SAME).sum(axis=0).min() >= len(some) - 1


def _largest(engine: Engine, image: Image.Image, model: str) -> NDArray[np.float32]:
    """The template of the largest face; zeros where there is none."""
    picture = decode(samples.encoded(image, "BMP"))
    found = engine.detect(picture, model, limit=1)
    return engine.embed(picture, found)[0] if found else np.zeros(384, np.float32)


def test_upright_faces_stay_where_they_are_found_when_turns_are_tried(library: ModelLibrary) -> None:
    settings = library.manifest.detectors["detection_03"]
    plain = Detector(settings.model, settings.long_sides, settings.score, settings.overlap, False)
    session = library.session(settings.model)
    looked, moved = 0, 0
    for path in (*faces.pictures("azure")[::2], *faces.pictures("lfw")[::40]):
        data = path.read_bytes()
        before = {face.box for face in detector.detect(session, plain, decode(data))}
        looked += len(before)
        moved += len(before - {face.box for face in detector.detect(session, settings, decode(data))})
    assert looked > 60
    assert moved <= 3


def _sixteen_bits(photo: Image.Image) -> bytes:
    wide = np.asarray(photo)[:, :, ::-1].astype(np.uint16) * 257
    return bytes(cv2.imencode(".png", wide)[1])


def _on_transparency(photo: Image.Image) -> Image.Image:
    """Cut out as an app for portraits does it: what lies far from the face is not there."""
    cut = photo.convert("RGBA")
    shape = Image.radial_gradient("L").resize(photo.size).point(lambda value: 255 if value < 170 else 0)
    cut.putalpha(shape)
    return cut


FORMS: dict[str, Callable[[Image.Image], bytes]] = {
    "grey JPEG": lambda photo: samples.encoded(photo.convert("L"), "JPEG", quality=95),
    "CMYK JPEG": lambda photo: samples.encoded(photo.convert("CMYK"), "JPEG", quality=95),
    "progressive JPEG": lambda photo: samples.encoded(photo, "JPEG", quality=95, progressive=True),
    "PNG of 16 bits": _sixteen_bits,
    "grey PNG with transparency": lambda photo: samples.encoded(_on_transparency(photo).convert("LA"), "PNG"),
    "transparent PNG": lambda photo: samples.encoded(_on_transparency(photo), "PNG"),
    "palette PNG": lambda photo: samples.encoded(photo.convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "GIF": lambda photo: samples.encoded(photo, "GIF"),
    "PNG": lambda photo: samples.encoded(photo, "PNG"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_face_is_found_and_recognised_in_every_form_of_picture(engine: Engine, form: str) -> None:
    photo = samples.portrait()
    plain, other = decode(samples.encoded(photo, "BMP")), decode(FORMS[form](photo))
    (expected,), (seen,) = engine.detect(plain), engine.detect(other)
    assert _overlap(expected.box, seen.box) > 0.85
    assert float(engine.embed(plain, [expected])[0] @ engine.embed(other, [seen])[0]) > 0.8


def test_templates_are_the_same_in_every_orientation(engine: Engine) -> None:
    base = faces.folder("exif") / "images"
    templates = []
    for orientation in range(1, 9):
        picture = decode((base / f"identification1_o{orientation}.jpg").read_bytes())
        seen = sorted(engine.detect(picture), key=lambda face: face.box.left)
        templates.append(engine.embed(picture, seen))
    assert len(templates[0]) >= 4
    for turned in templates[1:]:
        assert (templates[0] * turned).sum(axis=1).min() > 0.95
