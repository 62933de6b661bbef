"""Why frames could not be judged: the closed list of docs/liveness-protocol.md. Names are Microsoft's where its clients
have one. What the attack detectors say is never a reason: it is the verdict."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """The code that clients get."""

    NO_FACE = "NoFaceDetected"
    SEVERAL_FACES = "MultipleFaceFound"
    NOT_ONE_FACE = "FaceTrackingFailed"
    TOO_SMALL = "FaceTooSmall"
    TOO_CLOSE = "FaceTooClose"
    CUT_OFF = "FaceNotInFrame"
    NOT_FRONTAL = "FaceNotFrontal"
    MASK = "FaceWithMaskDetected"
    BLURRED = "ExcessiveImageBlurDetected"
    TOO_BRIGHT = "ExcessiveFaceBrightness"
    TOO_DARK = "EnvironmentNotSupported"
    NO_ACTION = "ActionNotPerformed"
    NO_MOTION = "NoMotionDetected"
    REPLAYED = "FramesReplayed"
    OUT_OF_ORDER = "FramesOutOfOrder"
    IMPLAUSIBLE_TIME = "CaptureTimeImplausible"
    ALTERED = "FramesAltered"
    TIMED_OUT = "TimedOut"
    CANCELED = "UserCanceledSession"
    CAMERA_DENIED = "CameraPermissionDenied"
    CAMERA_FAILED = "CameraStartupFailure"
    CLIENT_FAILED = "UnexpectedClientError"


MESSAGES: Mapping[Reason, str] = {
    Reason.NO_FACE: "No face detected. Bring your face into the oval.",
    Reason.SEVERAL_FACES: "There is more than one face. Make sure that nobody else is in the picture.",
    Reason.NOT_ONE_FACE: "It was not one and the same face throughout. Stay in the picture and move slowly.",
    Reason.TOO_SMALL: "The face is too small. Come closer.",
    Reason.TOO_CLOSE: "There is too little room around the face. Go back a little.",
    Reason.CUT_OFF: "The face is cut off. Bring your face to the middle.",
    Reason.NOT_FRONTAL: "The face does not look straight. Look into the camera.",
    Reason.MASK: "Mask detected on face image. Take off what covers your mouth and nose.",
    Reason.BLURRED: "The picture is too blurred. Hold still and clean the lens.",
    Reason.TOO_BRIGHT: "The face is too bright. Turn away from strong light.",
    Reason.TOO_DARK: "It is too dark. Turn to a light.",
    Reason.NO_ACTION: "The movements were not those asked for. Follow the instructions one after the other.",
    Reason.NO_MOTION: "The picture does not move at all. Look into the camera yourself.",
    Reason.REPLAYED: "These are frames of an earlier attempt. Begin again.",
    Reason.OUT_OF_ORDER: "The frames are not in the order of their times. Begin again.",
    Reason.IMPLAUSIBLE_TIME: "The times of the frames do not fit the time that has passed. Begin again.",
    Reason.ALTERED: "The frames are not those of the digest. Begin again.",
    Reason.TIMED_OUT: "The time for this attempt is over. Begin again.",
    Reason.CANCELED: "The attempt was given up. Begin again.",
    Reason.CAMERA_DENIED: "The camera may not be used. Allow it in the browser's settings.",
    Reason.CAMERA_FAILED: "The camera does not start. Close other programs that use it.",
    Reason.CLIENT_FAILED: "The client failed. Reload the page.",
}
"""What clients may show."""

GIVEN_UP = (Reason.CANCELED, Reason.CAMERA_DENIED, Reason.CAMERA_FAILED, Reason.CLIENT_FAILED)
"""Those that a client may give for ending an attempt without frames."""
