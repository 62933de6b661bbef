"""The contract's objects as they appear in JSON (models.md): their base, and those of pictures and of errors."""

from typing import ClassVar, Literal

import msgspec

from shared.errors import FaceError
from shared.wire.fields import Confidence, RecognitionModel, Share

IMAGE = "application/octet-stream"
JSON = "application/json"
FORM = "multipart/form-data"

Level = Literal["low", "medium", "high"]


class WireObject(msgspec.Struct, rename="camel", omit_defaults=True):
    """Base of what is sent and received. Fields equal to their default (None: absent) are not written.

    `media`: how it travels as a body. `lenient`: numbers and booleans may come as texts. `max_bytes`: of a form
    without its `images`, which may be as large as pictures may be."""

    media: ClassVar[str] = JSON
    lenient: ClassVar[bool] = False
    max_bytes: ClassVar[int] = 0
    form_images: ClassVar[int] = 0

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        """The error for a field that does not fit, or where it is empty for the whole; None for the usual one."""
        del field
        return None


class ImageUrl(WireObject):
    """Where to fetch the picture from, instead of sending its bytes."""

    url: str


class DetectSource(WireObject):
    """Where the picture is: on the web, or, from v1.2-preview.1 on, with a liveness session."""

    url: str | None = None
    session_image_id: str | None = None


class FaceRectangle(WireObject):
    """Pixels of the upright picture: EXIF orientation applied, clipped to the picture."""

    top: int
    left: int
    width: int
    height: int


class Coordinate(WireObject):
    """Pixels of the upright picture."""

    x: float
    y: float


class FaceLandmarks(WireObject):
    """27 points. Left and right are the viewer's."""

    pupil_left: Coordinate
    pupil_right: Coordinate
    nose_tip: Coordinate
    mouth_left: Coordinate
    mouth_right: Coordinate
    eyebrow_left_outer: Coordinate
    eyebrow_left_inner: Coordinate
    eye_left_outer: Coordinate
    eye_left_top: Coordinate
    eye_left_bottom: Coordinate
    eye_left_inner: Coordinate
    eyebrow_right_inner: Coordinate
    eyebrow_right_outer: Coordinate
    eye_right_inner: Coordinate
    eye_right_top: Coordinate
    eye_right_bottom: Coordinate
    eye_right_outer: Coordinate
    nose_root_left: Coordinate
    nose_root_right: Coordinate
    nose_left_alar_top: Coordinate
    nose_right_alar_top: Coordinate
    nose_left_alar_out_tip: Coordinate
    nose_right_alar_out_tip: Coordinate
    upper_lip_top: Coordinate
    upper_lip_bottom: Coordinate
    under_lip_top: Coordinate
    under_lip_bottom: Coordinate


class HeadPose(WireObject):
    """Degrees: positive where the face looks up (pitch) and to the viewer's right (yaw), and is turned clockwise
    (roll)."""

    pitch: float
    roll: float
    yaw: float


class OcclusionProperties(WireObject):
    """`eye_occluded`: at least one."""

    forehead_occluded: bool
    eye_occluded: bool
    mouth_occluded: bool


class AccessoryItem(WireObject):
    type: Literal["headwear", "glasses", "mask"]
    confidence: Confidence


class MaskProperties(WireObject):
    nose_and_mouth_covered: bool
    type: Literal["faceMask", "noMask", "otherMaskOrOcclusion", "uncertain"]


class BlurProperties(WireObject):
    """`value`: larger is more blurred."""

    blur_level: Level
    value: Share


class ExposureProperties(WireObject):
    exposure_level: Literal["underExposure", "goodExposure", "overExposure"]
    value: Share


class NoiseProperties(WireObject):
    """`value`: larger is noisier."""

    noise_level: Level
    value: Share


class FaceAttributes(WireObject):
    """Only what the query asked for is present. `age`: years. `gender`: versions 1.0 and 1.0-preview only."""

    head_pose: HeadPose | None = None
    glasses: Literal["noGlasses", "readingGlasses", "sunglasses", "swimmingGoggles"] | None = None
    occlusion: OcclusionProperties | None = None
    accessories: list[AccessoryItem] | None = None
    blur: BlurProperties | None = None
    exposure: ExposureProperties | None = None
    noise: NoiseProperties | None = None
    mask: MaskProperties | None = None
    quality_for_recognition: Level | None = None
    age: float | None = None
    gender: Literal["female", "male"] | None = None
    smile: Share | None = None


class FaceDetectionResult(WireObject):
    """One face; only what the query asked for is present beside the rectangle."""

    face_rectangle: FaceRectangle
    face_id: str | None = None
    recognition_model: RecognitionModel | None = None
    face_landmarks: FaceLandmarks | None = None
    face_attributes: FaceAttributes | None = None


class ErrorDetail(WireObject):
    code: str
    message: str


class ErrorResponse(WireObject):
    error: ErrorDetail
