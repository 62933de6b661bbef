"""Faces to templates: each part of a recogniser sees its own aligned chip, the unit vectors are joined by weight."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .align import chips
from .errors import ManifestInvalid
from .face import Face
from .geometry import similarity
from .models import ModelLibrary
from .picture import Picture
from .recipes import Part, Recogniser
from .refine import refined
from .sessions import Session
from .workers import FACES_A_RUN, shares, side_by_side


def templates(
    library: ModelLibrary, threads: int, recogniser: Recogniser, picture: Picture, faces: Sequence[Face]
) -> NDArray[np.float32]:
    """The faces' templates, [n,dimension], rows of unit length. Raises PictureError, ModelError."""
    if not faces:
        return np.zeros((0, recogniser.dimension), np.float32)
    jobs = [
        (part, library.session(part.model), chips_of_part[share])
        for part, chips_of_part in zip(
            recogniser.parts, aligned(library, threads, recogniser, picture, faces), strict=True
        )
        for share in shares(len(faces), threads, 1 if part.one_by_one else FACES_A_RUN)
    ]
    answers = side_by_side(lambda job: _answer(*job), jobs, threads)
    vectors = [
        sqrt(part.weight) * _unit(np.concatenate([answers[at] for at, job in enumerate(jobs) if job[0] is part]))
        for part in recogniser.parts
    ]
    return _unit(np.concatenate(vectors, axis=1))


def prove(library: ModelLibrary, recogniser: Recogniser) -> None:
    """Loads its models and feeds them black chips. Raises ModelError where one does not make what it is to make."""
    for part in recogniser.parts:
        size, count = part.template.size, 1 if part.one_by_one else 2
        answer = _answer(part, library.session(part.model), np.zeros((count, size, size, 3), np.uint8))
        if not np.isfinite(answer).all():
            raise ManifestInvalid(f"model manifest: {recogniser.name}: {part.model} answers no numbers")


def aligned(
    library: ModelLibrary, threads: int, recogniser: Recogniser, picture: Picture, faces: Sequence[Face]
) -> list[NDArray[np.uint8]]:
    """For each part the faces' chips, [n,size,size,3]. Raises PictureError, ModelError."""
    detector = library.session(recogniser.alignment.model)
    points = refined(detector, threads, recogniser.alignment, picture, faces)
    return [
        chips(picture, [similarity(own, part.template.points) for own in points], part.template.size)
        for part in recogniser.parts
    ]


def _answer(part: Part, session: Session, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    (vectors,) = session.run([part.output], {part.input: tensor(faces, part)})
    if vectors.shape != (len(faces), part.dimension):
        raise ManifestInvalid(
            f"model manifest: {part.model}: {part.output} of {len(faces)} faces is {list(vectors.shape)}, "
            f"not {[len(faces), part.dimension]}"
        )
    return vectors


def tensor(faces: NDArray[np.uint8], part: Part) -> NDArray[np.float32]:
    """[n,size,size,3] red, green, blue bytes to the part's [n,3,size,size]."""
    ordered = faces if part.colours == "RGB" else faces[..., ::-1]
    values = np.ascontiguousarray(ordered.transpose(0, 3, 1, 2), np.float32)
    std = np.array(part.std, np.float32)[:, None, None]
    mean = np.array(part.mean, np.float32)[:, None, None]
    values *= 1 / (part.divide * std)
    values -= mean / std
    return values


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(length, np.finfo(np.float32).tiny)
    return unit
