"""Detect with faceId: end to end over HTTP, the engine alone, its floor, and OpenCV's pipeline, in one run.

The floor is what no tuning of ours can remove: decoding at the scale that the engine chose, and ONNX Runtime on
tensors that lie ready. All contenders take turns on the same picture, so that a busy machine slows them alike; a turn is
a few calls in a row, of which the first is not counted, because a service meets its own caches and not another library's.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.workers import cores
from tests.contract.process import ServiceProcess
from tests.engine.opencv_reference import OpenCvPipeline
from tests.faces import ROOT

OCTETS = {"Content-Type": "application/octet-stream"}
CALLS_A_TURN = 4
Contender = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds. `added`: what HTTP and storage add to the engine."""

    faces: int
    http: float
    engine: float
    floor: float
    opencv: float
    added: float


def measure(data: bytes, service: ServiceProcess, rounds: int) -> Timing:
    engine = Engine(ModelLibrary.find())
    opencv = OpenCvPipeline(ROOT.parent / "models")
    faces = len(engine.detect(decode(data)))
    contenders: dict[str, Contender] = {
        "http": lambda: service.http.post("/face/v1.2/detect", content=data, headers=OCTETS).raise_for_status(),
        "engine": lambda: by_engine(engine, data),
        "floor": floor(data, faces),
        "opencv": lambda: by_opencv(opencv, data),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            times[name] += turn(contender)
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    return Timing(faces, added=medians["http"] - medians["engine"], **medians)


def turn(contender: Contender) -> list[float]:
    """Milliseconds of each counted call."""
    contender()
    measured = []
    for _ in range(CALLS_A_TURN):
        started = time.perf_counter()
        contender()
        measured.append((time.perf_counter() - started) * 1000)
    return measured


def by_engine(engine: Engine, data: bytes) -> object:
    picture = decode(data)
    return engine.embed(picture, engine.detect(picture))


def by_opencv(opencv: OpenCvPipeline, data: bytes) -> object:
    pixels = opencv.decode(data)
    found = opencv.detect(pixels)
    return opencv.embed(pixels, found.points)


def floor(data: bytes, faces: int) -> Contender:
    """Decoding, and one run of each model on a ready tensor of the shape that this picture gives it."""
    library = ModelLibrary.find()
    picture = decode(data)
    factor = 1280 / max(picture.width, picture.height, 1280)
    height, width = (-(-round(side * factor) // 32) * 32 for side in (picture.height, picture.width))
    shapes = {
        "yunet-2026may": (1, 3, height, width),
        "reidentification-0095": (faces, 3, 128, 128),
        "mobilefacenet-128": (faces, 3, 112, 112),
    }
    runs = []
    for name, shape in shapes.items():
        session = library.session(name, cores())
        (input_name,) = session.inputs
        tensor = np.random.default_rng(1).uniform(0, 255, shape).astype(np.float32)
        runs.append((session, list(session.outputs), {input_name: tensor}))

    def contender() -> None:
        decode(data)
        for session, outputs, tensors in runs:
            session.run(outputs, tensors)

    return contender
