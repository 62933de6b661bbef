"""The dense mesh lies on the face, and the 27 names on the mesh."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from shared.engine import Box, Engine, Face, decode, named_landmarks
from tests import faces
from tests.engine import samples

# In the order of the contract's table.
NAMES = [
    "pupilLeft",
    "pupilRight",
    "noseTip",
    "mouthLeft",
    "mouthRight",
    "eyebrowLeftOuter",
    "eyebrowLeftInner",
    "eyeLeftOuter",
    "eyeLeftTop",
    "eyeLeftBottom",
    "eyeLeftInner",
    "eyebrowRightInner",
    "eyebrowRightOuter",
    "eyeRightInner",
    "eyeRightTop",
    "eyeRightBottom",
    "eyeRightOuter",
    "noseRootLeft",
    "noseRootRight",
    "noseLeftAlarTop",
    "noseRightAlarTop",
    "noseLeftAlarOutTip",
    "noseRightAlarOutTip",
    "upperLipTop",
    "upperLipBottom",
    "underLipTop",
    "underLipBottom",
]


def _named(engine: Engine, image: Image.Image, **options: object) -> dict[str, tuple[float, float]]:
    picture = decode(samples.encoded(image, "PNG", **options))
    return named_landmarks(engine.landmarks(picture, engine.detect(picture, limit=1))[0])


def test_the_names_come_in_the_contracts_order(engine: Engine) -> None:
    assert list(_named(engine, samples.portrait())) == NAMES


def test_left_names_are_left_in_the_picture_and_eyes_above_lips(engine: Engine) -> None:
    points = _named(engine, samples.portrait())
    for name in NAMES:
        if "Left" in name:
            assert points[name][0] < points[name.replace("Left", "Right")][0], name
    heights = [points[name][1] for name in ("eyeLeftTop", "eyeLeftBottom", "noseTip", "upperLipTop", "underLipBottom")]
    assert heights == sorted(heights)
    assert points["eyebrowLeftOuter"][0] < points["eyebrowLeftInner"][0] < points["eyebrowRightInner"][0]
    assert points["eyeLeftOuter"][0] < points["pupilLeft"][0] < points["eyeLeftInner"][0]


def test_a_mirrored_picture_has_mirrored_points(engine: Engine) -> None:
    photo = samples.portrait()
    plain, mirrored = _named(engine, photo), _named(engine, ImageOps.mirror(photo))
    pupils = plain["pupilRight"][0] - plain["pupilLeft"][0]
    for name, (x, y) in plain.items():
        other = name.replace("Left", "-").replace("Right", "Left").replace("-", "Right")
        expected = (photo.width - mirrored[other][0], mirrored[other][1])
        assert np.hypot(x - expected[0], y - expected[1]) < 0.06 * pupils, name


def test_a_turned_picture_has_turned_points(engine: Engine) -> None:
    photo = samples.portrait()
    plain = _named(engine, photo)
    turned = _named(engine, photo.rotate(20, Image.Resampling.BICUBIC))
    turn = np.exp(-1j * np.radians(20))
    middle = complex(photo.width / 2, photo.height / 2)
    pupils = plain["pupilRight"][0] - plain["pupilLeft"][0]
    for name, point in plain.items():
        expected = (complex(*point) - middle) * turn + middle
        assert abs(complex(*turned[name]) - expected) < 0.08 * pupils, name


@pytest.mark.slow
def test_points_lie_on_the_detected_face(engine: Engine) -> None:
    """Within the box and a margin; eyes, nose and mouth where the detector saw them, but for faces in profile."""
    distances = []
    for path in (*faces.pictures("deepface")[::2], *faces.pictures("azure")[::2]):
        picture = decode(path.read_bytes())
        found = engine.detect(picture, limit=4)
        for face, mesh in zip(found, engine.landmarks(picture, found), strict=True):
            box, size = face.box, max(face.box.width, face.box.height)
            inside = (mesh[:, 0] > box.left - 0.3 * size) & (mesh[:, 0] < box.left + box.width + 0.3 * size)
            inside &= (mesh[:, 1] > box.top - 0.3 * size) & (mesh[:, 1] < box.top + box.height + 0.3 * size)
            assert inside.all()
            off = np.linalg.norm(mesh[[468, 473, 4, 61, 291], :2] - face.points, axis=1) / size
            distances.append(off.max())
    assert len(distances) >= 40
    assert np.median(distances) < 0.1
    assert np.mean(np.array(distances) < 0.2) > 0.9


def test_the_nose_is_nearer_than_the_ears(engine: Engine) -> None:
    picture = decode(samples.FAMILY.read_bytes())
    meshes = engine.landmarks(picture, engine.detect(picture))
    assert meshes.shape == (4, 478, 3)
    for mesh in meshes:
        assert mesh[4, 2] < min(mesh[234, 2], mesh[454, 2])


@pytest.mark.slow
def test_depth_grows_with_the_picture(engine: Engine) -> None:
    photo = samples.portrait()
    depths = []
    for factor in (1, 4):
        size = (photo.width * factor, photo.height * factor)
        picture = decode(samples.encoded(photo.resize(size, Image.Resampling.BICUBIC), "PNG"))
        depths.append(np.ptp(engine.landmarks(picture, engine.detect(picture, limit=1))[0, :, 2]))
    assert depths[1] == pytest.approx(4 * depths[0], rel=0.1)


def test_no_faces_have_no_meshes(engine: Engine) -> None:
    assert engine.landmarks(decode(samples.PORTRAIT.read_bytes()), []).shape == (0, 478, 3)


@pytest.mark.parametrize("value", [0.0, 1e6, float("nan")])
def test_a_degenerate_face_still_has_a_finite_mesh(engine: Engine, value: float) -> None:
    picture = decode(samples.PORTRAIT.read_bytes())
    face = Face(Box(5, 5, 0, 0), np.full((5, 2), value, np.float32), 0.6)
    assert np.isfinite(engine.landmarks(picture, [face])).all()
