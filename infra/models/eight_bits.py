"""A model whose convolutions are of 8 bits, from one of floats and faces that it is fed: nothing is trained.

Half of the faces give the ranges of values. The other half is what the result is compared on: a convolution that by
itself changes what they are answered too much stays as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from infra.convert import onnx_graph
from infra.convert.eight_bit import Range, candidates, quantised, watched
from infra.convert.fused import fuse
from infra.convert.graph import Graph
from shared.engine.recipes import Part
from shared.engine.recogniser import tensor
from shared.engine.sessions import Session
from shared.engine.taps import tapped
from shared.engine.workers import FACES_A_RUN, shares

LEAST_ALONE = 0.998
"""Mean cosine to what was answered before, with one convolution of 8 bits. Of the 97 in Ownface's recognisers 8 are
below, one of them at 0.65."""

LEAST_TOGETHER = 0.95
_TRIED_ON = 32  # faces, for one convolution
_THREADS = 1  # sums that threads share may be rounded otherwise

Chips = NDArray[np.uint8]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EightBits:
    """`kept`: of so many `convolutions`, those that are of floats still. `likeness`: cosines to what was answered."""

    content: bytes
    convolutions: int
    kept: tuple[str, ...]
    likeness: NDArray[np.float32]


def made(part: Part, content: bytes, chips: Chips) -> EightBits:
    """The part's model. `chips`: [n,size,size,3]. Raises ConversionError, ModelError."""
    graph = onnx_graph.read(content)
    fuse(graph)
    ranges = _ranges(part, graph, chips[::2])
    seen, names = chips[1::2], candidates(graph, ranges)
    before = _vectors(part, content, seen)
    like = partial(_likeness, part, graph, ranges)
    kept = [name for name in names if like([name], seen[:_TRIED_ON], before[:_TRIED_ON]).mean() < LEAST_ALONE]
    chosen = [name for name in names if name not in kept]
    result = quantised(graph, ranges, chosen)
    return EightBits(result, len(names), tuple(kept), like(chosen, seen, before))


def _ranges(part: Part, graph: Graph, chips: Chips) -> dict[str, Range]:
    """Of the values that are pictures; what is one number for each channel costs nothing as it is."""
    inner = [name for name in watched(graph) if name != part.input]
    session, found = Session(tapped(graph.encode(), inner), _THREADS), dict[str, Range]()
    for share in _shares(part, chips):
        fed = tensor(chips[share], part)
        for name, values in zip((part.input, *inner), (fed, *session.run(inner, {part.input: fed})), strict=True):
            if values.ndim == 4 and values.shape[2] * values.shape[3] > 1:
                seen = Range.of(values)
                found[name] = found[name].joined(seen) if name in found else seen
    return found


def _likeness(
    part: Part, graph: Graph, ranges: Mapping[str, Range], chosen: Collection[str], chips: Chips, before: Vectors
) -> NDArray[np.float32]:
    after = _vectors(part, quantised(graph, ranges, chosen), chips)
    cosines: NDArray[np.float32] = (after * before).sum(axis=1)
    return cosines


def _vectors(part: Part, content: bytes, chips: Chips) -> Vectors:
    """Of unit length, [n,dimension]."""
    session = Session(content, _THREADS)
    vectors = np.concatenate(
        [session.run([part.output], {part.input: tensor(chips[share], part)})[0] for share in _shares(part, chips)]
    )
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _shares(part: Part, chips: Chips) -> list[slice]:
    return shares(len(chips), 1, 1 if part.one_by_one else FACES_A_RUN)
