"""Detect with faceId: end to end over HTTP, the engine alone, its floor, and OpenCV's pipeline, in one run.

The floor is what no tuning of ours can remove: decoding at the scale that the engine chose, and ONNX Runtime on the
engine's own tensors, lying ready. All contenders take turns on the same picture, so that a busy machine slows them
alike; a turn is a few calls in a row, of which the first is not counted, because a service meets its own caches and not
another library's.
"""

from dataclasses import dataclass
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.sessions import Session
from shared.engine.workers import cores
from tests.benchmarks.timing import Contender, medians
from tests.contract.process import ServiceProcess
from tests.engine.opencv_reference import OpenCvPipeline
from tests.faces import ROOT

OCTETS = {"Content-Type": "application/octet-stream"}
EMBEDDERS = ("reidentification-0095", "mobilefacenet-128")
MODELS = ("yunet-2026may", *EMBEDDERS)


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
        "floor": floor(data),
        "opencv": lambda: by_opencv(opencv, data),
    }
    times = medians(contenders, rounds)
    return Timing(faces, added=times["http"] - times["engine"], **times)


def by_engine(engine: Engine, data: bytes) -> object:
    picture = decode(data)
    return engine.embed(picture, engine.detect(picture))


def by_opencv(opencv: OpenCvPipeline, data: bytes) -> object:
    pixels = opencv.decode(data)
    found = opencv.detect(pixels)
    return opencv.embed(pixels, found.points)


def floor(data: bytes) -> Contender:
    """Decoding, and one run of each model, on all cores, of the very tensors that the engine feeds it."""
    library = ModelLibrary.find()
    runs = [(library.session(name, cores()), tensor) for name, tensor in tensors_of(library, data)]
    scale = scale_of(Engine(library), data)
    bare = [(session, list(session.outputs), {next(iter(session.inputs)): tensor}) for session, tensor in runs]

    def contender() -> None:
        decode(data).layer(scale)
        for session, outputs, tensors in bare:
            session.run(outputs, tensors)

    return contender


def scale_of(engine: Engine, data: bytes) -> float:
    """The scale at which the engine has the picture decoded to find faces."""
    picture = decode(data)
    engine.detect(picture)
    return picture.layer(0.0).scale


def tensors_of(library: ModelLibrary, data: bytes) -> list[tuple[str, NDArray[np.float32]]]:
    """Each model's inputs for a picture, recorded from one pass of the engine; the shares of its faces joined where the
    model takes several at once."""
    engine = Engine(library)
    fed: dict[str, list[NDArray[np.float32]]] = {}
    names = {id(library.session(name, threads)): name for name in MODELS for threads in {1, cores()}}
    run = Session.run

    def record(
        session: Session, outputs: list[str], inputs: dict[str, NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        fed.setdefault(names[id(session)], []).append(next(iter(inputs.values())))
        return run(session, outputs, inputs)

    with mock.patch.object(Session, "run", record):
        by_engine(engine, data)
    joined = {name: [np.concatenate(fed[name])] for name in EMBEDDERS}
    return [(name, tensor) for name, shares in {**fed, **joined}.items() for tensor in shares]
