"""Angles are exact on a rigid face, steady on real ones, and have the signs of Azure Face."""

from math import cos, radians, sin

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.engine import Engine, HeadPose, decode
from shared.engine.attributes.canonical import REST_SHAPE
from shared.engine.attributes.head_pose import pose
from tests import faces
from tests.engine import samples
from tests.engine.conftest import MODELS

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


def test_a_mirrored_face_turns_and_leans_to_the_other_side(engine: Engine) -> None:
    differences = []
    for path in PHOTOS[::3]:
        photo = Image.open(path).convert("RGB")
        for one, other in zip(_poses(engine, photo), _poses(engine, ImageOps.mirror(photo)), strict=True):
            differences.append((one.pitch - other.pitch, one.roll + other.roll, one.yaw + other.yaw))
    assert len(differences) >= 30
    assert np.median(np.abs(differences), axis=0) == pytest.approx(np.zeros(3), abs=1)


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


def test_a_mesh_without_extent_has_a_finite_pose() -> None:
    found = pose(np.full((478, 3), 5, np.float32))
    assert np.isfinite((found.pitch, found.roll, found.yaw)).all()
