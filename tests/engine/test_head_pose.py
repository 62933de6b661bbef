"""Angles are exact on a rigid face, steady on real ones, and have the signs of Azure Face."""

from math import cos, radians, sin

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.engine import Box, Engine, Face, HeadPose, decode
from shared.engine.attributes.canonical import REST_SHAPE
from shared.engine.attributes.head_pose import pose
from tests import faces
from tests.engine import samples
from tests.engine.conftest import MODELS
from tests.engine.degraded import measured, taken

TURNED = 15.0  # degrees from which a nose is clearly off the middle
PHOTOS = (*faces.pictures("deepface"), *faces.pictures("azure"))


def _poses(engine: Engine, image: Image.Image) -> list[HeadPose]:
    """Of the largest face, if there is one."""
    picture = decode(samples.encoded(image, "BMP"))
    found = engine.attributes(picture, engine.detect(picture, limit=1), ["head_pose"])
    return [attributes.head_pose for attributes in found if attributes.head_pose]


def rotation(axis: int, angle: float) -> NDArray[np.float64]:
    """A right-handed turn about x, y or z in degrees."""
    matrix = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    matrix[one, one] = matrix[other, other] = cos(radians(angle))
    matrix[other, one] = sin(radians(angle))
    matrix[one, other] = -matrix[other, one]
    return matrix


def test_the_rest_shape_is_the_published_one() -> None:
    published = np.load(MODELS / "canonical_face_model_468.npy")
    for index, point in REST_SHAPE.items():
        assert point == pytest.approx(tuple(published[index]), abs=1e-6)


@pytest.mark.parametrize(
    ("pitch", "roll", "yaw"), [(0, 0, 0), (20, 0, 0), (0, 170, 0), (0, 0, -85), (-30, -60, 40), (80, 10, 5)]
)
def test_a_rigid_face_gets_the_pose_it_was_turned_to(pitch: float, roll: float, yaw: float) -> None:
    rest = np.array(list(REST_SHAPE.values())) * (1, -1, -1)  # x to the right, y down, z away
    turned = rest @ (rotation(2, roll) @ rotation(1, -yaw) @ rotation(0, -pitch)).T
    mesh = np.zeros((478, 3), np.float32)
    mesh[list(REST_SHAPE)] = 7 * turned + (300, 200, 0)
    found = pose(mesh)
    assert (found.pitch, found.roll, found.yaw) == pytest.approx((pitch, roll, yaw), abs=0.01)


def test_the_quickstart_portrait_has_the_pose_that_azure_face_gives_it(engine: Engine) -> None:
    """Microsoft's recording of May 2024, detection_03."""
    (found,) = _poses(engine, samples.portrait())
    assert (found.pitch, found.roll, found.yaw) == pytest.approx((-17.1, -16.9, 12.3), abs=1.5)


@pytest.mark.slow
def test_the_nose_lies_on_the_side_that_a_turned_face_looks_to(engine: Engine) -> None:
    sides = []
    for path in (*PHOTOS, *faces.pictures("lfw")[::16]):
        picture = decode(path.read_bytes())
        found = engine.detect(picture, limit=1)
        for face, attributes in zip(found, engine.attributes(picture, found, ["head_pose"]), strict=True):
            assert attributes.head_pose is not None
            eyes = complex(*(face.points[1] - face.points[0]).tolist())
            nose = complex(*(face.points[2] - face.points[:2].mean(axis=0)).tolist())
            if abs(attributes.head_pose.yaw) > TURNED:
                sides.append((nose / eyes).real * attributes.head_pose.yaw > 0)
    assert len(sides) >= 40
    assert np.mean(sides) > 0.97


@pytest.mark.slow
def test_a_mirrored_face_turns_and_leans_to_the_other_side(engine: Engine) -> None:
    differences = []
    for path in PHOTOS[::3]:
        photo = Image.open(path).convert("RGB")
        for one, other in zip(_poses(engine, photo), _poses(engine, ImageOps.mirror(photo)), strict=True):
            differences.append((one.pitch - other.pitch, one.roll + other.roll, one.yaw + other.yaw))
    assert len(differences) >= 30
    assert np.median(np.abs(differences), axis=0) == pytest.approx(np.zeros(3), abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [-25, 25])
def test_turning_the_picture_changes_the_roll_alone(angle: int, engine: Engine) -> None:
    """Pillow turns anticlockwise, roll counts clockwise."""
    differences = []
    for path in PHOTOS[::8]:
        photo = Image.open(path).convert("RGB")
        turned = _poses(engine, photo.rotate(angle, Image.Resampling.BICUBIC, expand=True))
        for one, other in zip(_poses(engine, photo), turned, strict=True):
            differences.append((one.pitch - other.pitch, one.roll - other.roll - angle, one.yaw - other.yaw))
    assert len(differences) >= 12
    assert np.median(np.abs(differences), axis=0) == pytest.approx(np.zeros(3), abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [45, 90, 135, 180, -90])
def test_a_head_may_lean_as_far_as_it_will(angle: int, engine: Engine) -> None:
    """The picture is turned clockwise, and the face that was found with it, whatever a detector makes of that."""
    differences = []
    for path in (*faces.pictures("lfw")[::200], *faces.pictures("deepface")[::20]):
        photo, face = taken(engine, path)
        plain = measured(engine, photo, face, "head_pose").head_pose
        turned, moved = _turned(photo, face, angle)
        found = measured(engine, turned, moved, "head_pose").head_pose
        assert plain
        assert found
        roll = (found.roll - plain.roll - angle + 180) % 360 - 180
        differences.append((found.pitch - plain.pitch, roll, found.yaw - plain.yaw))
    assert len(differences) >= 12
    assert np.abs(differences).max() < 3


def _turned(photo: Image.Image, face: Face, angle: float) -> tuple[Image.Image, Face]:
    """Both about the picture's middle, clockwise."""
    turned = photo.rotate(-angle, Image.Resampling.BICUBIC, expand=True)
    by, middle = np.exp(1j * radians(angle)), complex(photo.width, photo.height) / 2
    points = (face.points @ (1, 1j) - middle) * by + complex(turned.width, turned.height) / 2
    box = face.box
    centre = (complex(box.left + box.width / 2, box.top + box.height / 2) - middle) * by
    corner = centre + complex(turned.width - box.width, turned.height - box.height) / 2
    moved = Box(corner.real, corner.imag, box.width, box.height)
    return turned, Face(moved, np.stack((points.real, points.imag), axis=1).astype(np.float32), face.score)


@pytest.mark.slow
@pytest.mark.parametrize(("side", "most"), [("right", 14), ("bottom", 9)])
def test_a_face_of_which_a_fifth_is_cut_off_keeps_its_pose(side: str, most: float, engine: Engine) -> None:
    """In nine pictures of ten, to so many degrees in each angle."""
    differences = []
    for path in (*faces.pictures("lfw")[::180], *faces.pictures("deepface")[::12]):
        photo, face = taken(engine, path)
        box, (left, top, right, bottom) = face.box, (0, 0, photo.width, photo.height)
        frames = {
            "right": (left, top, round(box.left + 0.8 * box.width), bottom),
            "bottom": (left, top, right, round(box.top + 0.8 * box.height)),
        }
        plain = measured(engine, photo, face, "head_pose").head_pose
        (found,) = _poses(engine, photo.crop(frames[side]))
        assert plain
        differences.append((found.pitch - plain.pitch, found.roll - plain.roll, found.yaw - plain.yaw))
    assert len(differences) >= 15
    assert np.percentile(np.abs(differences), 90, axis=0).max() < most


@pytest.mark.parametrize("name", ["yale", "orl"])
def test_small_grey_pictures_have_the_pose_of_their_mirror_image(name: str, engine: Engine) -> None:
    differences = []
    for path in faces.pictures(name)[:: len(faces.pictures(name)) // 14]:
        with Image.open(path) as stored:
            photo = stored.convert("RGB")
        for one, other in zip(_poses(engine, photo), _poses(engine, ImageOps.mirror(photo)), strict=True):
            differences.append((one.pitch - other.pitch, one.roll + other.roll, one.yaw + other.yaw))
    assert len(differences) >= 14
    assert np.median(np.abs(differences), axis=0) == pytest.approx(np.zeros(3), abs=1)


def test_a_mesh_without_extent_has_a_finite_pose() -> None:
    found = pose(np.full((478, 3), 5, np.float32))
    assert np.isfinite((found.pitch, found.roll, found.yaw)).all()
