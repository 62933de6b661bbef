// What start() promises: the names that Microsoft's client has for it, and those of ours that it has none for.

const names = (...all) => Object.freeze(Object.fromEntries(all.map((name) => [name, name])));

export const LivenessStatus = names("RealFace", "SpoofFace", "Uncertain", "ResultQueryableFromService");

export const RecognitionStatus = names("Recognized", "NotRecognized", "ResultQueryableFromService");

/** Why there is no verdict. The first group is the server's (docs/liveness-protocol.md), the second the component's. */
export const LivenessError = names(
  "NoFaceDetected", "MultipleFaceFound", "FaceTrackingFailed", "FaceTooSmall", "FaceTooClose", "FaceNotInFrame",
  "FaceNotFrontal", "FaceWithMaskDetected", "ExcessiveImageBlurDetected", "ExcessiveFaceBrightness",
  "EnvironmentNotSupported", "ActionNotPerformed", "NoMotionDetected", "FramesReplayed", "FramesOutOfOrder",
  "CaptureTimeImplausible", "FramesAltered", "TimedOut", "UserCanceledSession", "CameraPermissionDenied",
  "CameraStartupFailure", "UnexpectedClientError",

  "None", "InvalidToken", "ServerRequestTimedOut", "UnexpectedServerError", "VerifyImageNotProvided", "Unexpected",
);

export const RecognitionError = names(
  "None", "GenericFailure", "FaceNotFrontal", "ExcessiveFaceBrightness", "ExcessiveImageBlurDetected",
  "MultipleFaceFound", "FaceWithMaskDetected",
);

const DECISIONS = { realface: LivenessStatus.RealFace, spoofface: LivenessStatus.SpoofFace };

/** What the promise is rejected with. */
export class LivenessDetectionError extends Error {
  /** `message`: for a developer, never needed to tell what happened. */
  constructor(livenessError, { verifies = false, message = livenessError } = {}) {
    super(message);
    this.name = "LivenessDetectionError";
    this.livenessError = livenessError;
    this.recognitionError = verifies ? RecognitionError[livenessError] ?? "GenericFailure" : RecognitionError.None;
  }
}

/** What the promise is fulfilled with. `result`: only of sessions that send it to the client; the owner's server knows. */
export function detected(sessionId, digest, result) {
  const unknown = "ResultQueryableFromService";
  const verified = result?.verifyResult;
  const recognized = verified?.isIdentical ? RecognitionStatus.Recognized : RecognitionStatus.NotRecognized;
  return {
    livenessStatus: result ? DECISIONS[result.livenessDecision] ?? LivenessStatus.Uncertain : unknown,
    recognitionResult: verified
      ? { status: recognized, matchConfidence: verified.matchConfidence }
      : { status: unknown },
    resultId: sessionId,
    digest,
  };
}
