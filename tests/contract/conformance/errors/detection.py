"""Section 3: detect."""

from collections.abc import Iterator

from tests.contract.conformance.errors.triggers import Refusal, Scene, raises


@raises("Detect", 400, "Invalid argument returnFaceAttributes.")
def unknown_attribute(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.add("detect", returnFaceAttributes="nonsense"))


@raises("Detect", 400, "'returnFaceAttributes' is not supported by detection_02.")
def attributes_of_detection_02(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.add("detect", returnFaceAttributes="headPose", detectionModel="detection_02"))


@raises("Detect", 400, "'returnLandmarks' is not supported by detection_02.")
def landmarks_of_detection_02(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.add("detect", returnFaceLandmarks="true", detectionModel="detection_02"))


@raises(
    "Detect",
    403,
    "Return Attributes (emotion, gender, age, smile, facial hair, hair and makeup) have been deprecated and are no "
    "longer supported.",
)
def withdrawn_attributes(scene: Scene) -> Iterator[Refusal]:
    for name in ("emotion", "gender", "age", "smile", "facialHair", "hair", "makeup"):
        yield Refusal(scene.add("detect", returnFaceAttributes=name))
