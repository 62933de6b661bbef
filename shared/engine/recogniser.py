"""Faces to templates: each part of a recogniser sees its own aligned chip, the unit vectors are joined by weight."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .align import chips
from .face import Face
from .geometry import similarity
from .manifest import Part, Recogniser
from .models import ModelLibrary
from .picture import Picture
from .sessions import Session
from .workers import shares, side_by_side


def templates(
    library: ModelLibrary, threads: int, recogniser: Recogniser, picture: Picture, faces: Sequence[Face]
) -> NDArray[np.float32]:
    """The faces' templates, [n,dimension], rows of unit length. Raises PictureError, ModelError."""
    if not faces:
        return np.zeros((0, recogniser.dimension), np.float32)
    aligned = [_aligned(part, picture, faces) for part in recogniser.parts]
    jobs = [
        (part, library.session(part.model), chips_of_part[share])
        for part, chips_of_part in zip(recogniser.parts, aligned, strict=True)
        for share in shares(len(faces), threads)
    ]
    answers = side_by_side(lambda job: _answer(*job), jobs, threads)
    vectors = [
        sqrt(part.weight) * _unit(np.concatenate([answers[at] for at, job in enumerate(jobs) if job[0] is part]))
        for part in recogniser.parts
    ]
    return _unit(np.concatenate(vectors, axis=1))


def _aligned(part: Part, picture: Picture, faces: Sequence[Face]) -> NDArray[np.uint8]:
    placements = [similarity(face.points, part.template.points) for face in faces]
    return chips(picture, placements, part.template.size)


def _answer(part: Part, session: Session, aligned: NDArray[np.uint8]) -> NDArray[np.float32]:
    (name,), (output, *_) = session.inputs, session.outputs
    return session.run([output], {name: _tensor(aligned, part)})[0]


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
