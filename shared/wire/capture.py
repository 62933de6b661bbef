"""What a liveness session's client sends, and what it is told: docs/liveness-protocol.md."""

import hashlib
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, field

from shared.engine.liveness import Action, Hint, can_decode
from shared.errors import FaceError, InvalidDeviceCorrelationId, InvalidRequestBody
from shared.people import captures
from shared.people.captures import Sent
from shared.people.liveness_attempts import Ended, Started
from shared.people.liveness_guidance import Guided
from shared.people.liveness_references import VerifyImage
from shared.store.attempts import Request
from shared.wire.call import Sender
from shared.wire.images import ImageIntake
from shared.wire.liveness import Outcome, error, outcome
from shared.wire.new_session import CorrelationId
from shared.wire.objects import FORM, ErrorDetail, FaceRectangle, HeadPose, WireObject

MOST_BYTES = 12 * 1024 * 1024
MOST_TEXT = 256
Milliseconds = Annotated[int, Meta(ge=0, le=24 * 3600 * 1000)]
Times = list[Milliseconds]


class StartAttempt(WireObject):
    """Ids that the session leaves to its client."""

    device_correlation_id: CorrelationId | None = None
    user_correlation_id: CorrelationId | None = None

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return (InvalidDeviceCorrelationId if field == "deviceCorrelationId" else InvalidRequestBody)()


class CaptureTerms(WireObject):
    """What to capture: numbers of frames, milliseconds, pixels, bytes; of a face the share of its frame."""

    least_frames: int
    frames: int
    most_frames: int
    interval_milliseconds: int
    least_milliseconds: int
    least_side: int
    most_side: int
    most_frame_bytes: int
    least_face_side: int
    most_face_share: float
    video: bool


class AttemptStarted(WireObject):
    """`attemptsLeft`: after this one. `challenge`: absent in Passive."""

    attempt_id: int
    attempts_left: int
    nonce: str
    mode: str
    time_limit_in_seconds: int
    capture: CaptureTerms
    verify_image_required: bool
    challenge: list[Action] | None = None


class CaptureForm(WireObject):
    """`capture`: JSON, see CaptureNotes. Frames or a video."""

    media: ClassVar[str] = FORM
    max_bytes: ClassVar[int] = MOST_BYTES

    capture: str
    frame: list[bytes] = field(default_factory=list)
    video: bytes | None = None
    verify_image: bytes | None = None

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return unfit(field)


class CaptureNotes(WireObject):
    """`times`: milliseconds, one for each frame. `digest`: of nonce, times and frames."""

    nonce: str
    digest: str
    times: Times = field(default_factory=list)


class GivingUp(WireObject):
    """`reason`: one of UserCanceledSession, CameraPermissionDenied, CameraStartupFailure, UnexpectedClientError."""

    nonce: str
    reason: str

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return unfit(field)


class AttemptEnded(WireObject):
    """`error`: why it could not be judged. `result`: the verdict, where the client may have it."""

    attempt_id: int
    attempt_status: str
    attempts_left: int
    digest: str | None = None
    result: Outcome | None = None
    error: ErrorDetail | None = None


class Guide(WireObject):
    """`ready`: there is no hint. Rectangle and pose are of the largest face."""

    ready: bool
    faces: int
    hints: list[Hint]
    face_rectangle: FaceRectangle | None = None
    head_pose: HeadPose | None = None


class CheckForm(WireObject):
    """Frames or a video for a check without a session. `times`: a JSON array, milliseconds for each frame."""

    media: ClassVar[str] = FORM
    max_bytes: ClassVar[int] = MOST_BYTES

    frame: list[bytes] = field(default_factory=list)
    video: bytes | None = None
    times: str | None = None

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return unfit(field)


class VerifyCheckForm(CheckForm, kw_only=True):
    """The same with a picture of whom to expect."""

    verify_image: bytes


def unfit(field: str) -> FaceError:
    named = f" '{field}' is missing or does not fit." if field else ""
    return InvalidRequestBody(InvalidRequestBody.message + named)


def sent(form: CaptureForm, images: ImageIntake) -> Sent:
    """Raises InvalidRequestBody, InvalidImageSize, PictureError."""
    try:
        notes = msgspec.json.decode(form.capture, type=CaptureNotes)
    except (msgspec.DecodeError, RecursionError):
        raise unfit("capture") from None
    image = None
    if form.verify_image is not None:
        image = VerifyImage(images.take(form.verify_image), hashlib.sha256(form.verify_image).hexdigest())
    return Sent(notes.nonce, notes.digest, tuple(form.frame), tuple(notes.times), form.video, image)


def sent_to_check(form: CheckForm) -> Sent:
    """Without times the frames are taken as they come, at the usual pace. Raises InvalidRequestBody."""
    try:
        times = msgspec.json.decode(form.times, type=Times) if form.times else None
    except (msgspec.DecodeError, RecursionError):
        raise unfit("times") from None
    if times is None:
        times = [at * captures.INTERVAL_MILLISECONDS for at in range(len(form.frame))]
    return Sent("", "", tuple(form.frame), tuple(times), form.video)


def request(sender: Sender) -> Request:
    """What the owner is told about the call that ended an attempt."""
    headers = sender.headers
    client_id = _plain(headers.get("x-ms-client-request-id", ""))
    return Request(
        request_id=sender.request_id,
        client_request_id=client_id or sender.request_id,
        url=sender.path,
        method=sender.method,
        content_length=sender.content_length,
        content_type=_plain(headers.get("content-type", "")),
        user_agent=_plain(headers.get("user-agent", "")) or None,
        address=sender.client,
    )


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:MOST_TEXT]


def started(found: Started) -> AttemptStarted:
    return AttemptStarted(
        attempt_id=found.attempt.number,
        attempts_left=found.left,
        nonce=found.attempt.nonce,
        mode=found.mode,
        time_limit_in_seconds=found.seconds,
        capture=_terms(found.mode),
        verify_image_required=found.brings_image,
        challenge=[Action(action) for action in found.attempt.challenge] or None,
    )


def _terms(mode: str) -> CaptureTerms:
    return CaptureTerms(
        least_frames=captures.LEAST_FRAMES,
        frames=captures.FRAMES[mode],
        most_frames=captures.MOST_FRAMES,
        interval_milliseconds=captures.INTERVAL_MILLISECONDS,
        least_milliseconds=captures.LEAST_MILLISECONDS,
        least_side=captures.LEAST_FRAME_SIDE,
        most_side=captures.MOST_FRAME_SIDE,
        most_frame_bytes=captures.MOST_FRAME_BYTES,
        least_face_side=captures.LEAST_FACE_SIDE,
        most_face_share=captures.MOST_FACE_SHARE,
        video=can_decode(),
    )


def ended(found: Ended) -> AttemptEnded:
    ending = found.attempt.ending
    if ending is None:
        raise ValueError("an attempt that goes on has not ended")
    return AttemptEnded(
        attempt_id=found.attempt.number,
        attempt_status=ending.status,
        attempts_left=found.left,
        digest=ending.digest or None,
        result=outcome(ending.judgement) if found.told and ending.judgement and not ending.reason else None,
        error=error(ending.reason) if ending.reason else None,
    )


def guide(found: Guided) -> Guide:
    box, pose = found.rectangle, found.pose
    return Guide(
        ready=not found.hints,
        faces=found.faces,
        hints=list(found.hints),
        face_rectangle=None if box is None else FaceRectangle(left=box[0], top=box[1], width=box[2], height=box[3]),
        head_pose=None
        if pose is None
        else HeadPose(pitch=round(pose.pitch, 1), roll=round(pose.roll, 1), yaw=round(pose.yaw, 1)),
    )
