"""Faces to templates: each part of a recogniser sees its own aligned chip, the unit vectors are joined by weight."""

from collections.abc import Iterator, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .align import chips
from .face import Face
from .geometry import similarity
from .manifest import Part, Recogniser
from .models import ModelLibrary
from .picture import Picture

# Faces in one run of a model. More are no faster (measured up to 64) and cost memory that ONNX Runtime keeps.
_BATCH = 8


def templates(
    library: ModelLibrary, threads: int, recogniser: Recogniser, picture: Picture, faces: Sequence[Face]
) -> NDArray[np.float32]:
    """The faces' templates, [n,dimension], rows of unit length. Raises PictureError, ModelError."""
    if not faces:
        return np.zeros((0, recogniser.dimension), np.float32)
    vectors = [
        sqrt(part.weight) * _unit(np.concatenate(list(_answers(library, threads, part, picture, faces))))
        for part in recogniser.parts
    ]
    return _unit(np.concatenate(vectors, axis=1))


def _answers(
    library: ModelLibrary, threads: int, part: Part, picture: Picture, faces: Sequence[Face]
) -> Iterator[NDArray[np.float32]]:
    session = library.session(part.model, threads)
    (name,), (output, *_) = session.inputs, session.outputs
    placements = [similarity(face.points, part.template.points) for face in faces]
    aligned = chips(picture, placements, part.template.size)
    for start in range(0, len(aligned), _BATCH):
        yield session.run([output], {name: _tensor(aligned[start : start + _BATCH], part)})[0]


def _tensor(aligned: NDArray[np.uint8], part: Part) -> NDArray[np.float32]:
    """[n,size,size,3] red, green, blue bytes to the part's [n,3,size,size]."""
    ordered = aligned if part.colours == "RGB" else aligned[..., ::-1]
    tensor = np.ascontiguousarray(ordered.transpose(0, 3, 1, 2), np.float32)
    std = np.array(part.std, np.float32)[:, None, None]
    mean = np.array(part.mean, np.float32)[:, None, None]
    tensor *= 1 / (part.divide * std)
    tensor -= mean / std
    return tensor


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(length, np.finfo(np.float32).tiny)
    return unit
