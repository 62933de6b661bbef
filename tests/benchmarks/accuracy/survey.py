"""What the engine says about pictures: each is decoded, searched, embedded and measured once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.engine import Attributes, Box, Engine, Face, PictureError, decode
from tests.benchmarks.accuracy.labels import PictureSet, Row

_SAME_FACE = 0.4  # intersection over union


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a picture is needed for, beside its faces."""

    template: bool = False
    meshes: bool = False
    boxes: tuple[Box | None, ...] = ()  # of faces whose attributes are labelled; None is the largest

    def __or__(self, other: "Wanted") -> "Wanted":
        boxes = tuple(dict.fromkeys((*self.boxes, *other.boxes)))
        return Wanted(self.template or other.template, self.meshes or other.meshes, boxes)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A picture: its faces, largest first; of the largest the template, [d]; the meshes of all, [n,478,3]; and the
    attributes of labelled faces that were found. `refused`: it does not decode, or may not."""

    faces: list[Face] = field(default_factory=list)
    template: NDArray[np.float32] | None = None
    meshes: NDArray[np.float32] | None = None
    attributes: dict[Box | None, Attributes] = field(default_factory=dict)
    refused: bool = False


class Survey:
    """The pictures of several sets, seen once each."""

    def __init__(
        self, engine: Engine, detection_model: str, recognition_model: str, attributes: Collection[str]
    ) -> None:
        """`attributes`: the fields of Attributes that are measured of labelled faces."""
        self._engine = engine
        self._attributes = attributes
        self._models = detection_model, recognition_model
        self._seen: dict[Path, Seen] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def look(self, sets: Iterable[PictureSet]) -> None:
        """Sees every picture of these sets for everything that it is labelled with."""
        wanted: dict[Path, Wanted] = {}
        for one in sets:
            for path, more in _wanted(one):
                wanted[path] = wanted.get(path, Wanted()) | more
        for path, all_of_it in wanted.items():
            self._seen[path] = self._look(path, all_of_it)

    def of(self, one: PictureSet, file: str) -> Seen:
        return self._seen[one.root / file]

    def _look(self, path: Path, wanted: Wanted) -> Seen:
        detection_model, recognition_model = self._models
        try:
            picture = decode(path.read_bytes())
            faces = self._engine.detect(picture, detection_model)
        except PictureError:
            return Seen(refused=True)
        if not faces:
            return Seen()
        template = self._engine.embed(picture, faces[:1], recognition_model)[0] if wanted.template else None
        meshes = self._engine.landmarks(picture, faces) if wanted.meshes else None
        labelled = {box: face for box in wanted.boxes if (face := the_face(faces, box))}
        measured = self._engine.attributes(picture, list(labelled.values()), self._attributes)
        return Seen(faces, template, meshes, dict(zip(labelled, measured, strict=True)))


def the_face(faces: Collection[Face], box: Box | None) -> Face | None:
    """The largest, or the one at that box: None where nothing overlaps it by 0.4."""
    if box is None:
        return next(iter(faces), None)
    best = max(faces, key=lambda face: overlap(face.box, box))
    return best if overlap(best.box, box) >= _SAME_FACE else None


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    common = one.common(other)
    return common / (one.area + other.area - common)


def box_of(row: Row) -> Box | None:
    """The box of a row that has one."""
    sides = ("left", "top", "width", "height")
    return Box(*(float(row[side]) for side in sides)) if row.get("left") else None


def _wanted(one: PictureSet) -> Iterable[tuple[Path, Wanted]]:
    for file in one.files:
        yield one.root / file, Wanted()
    for table in ("identities", "group", "identify_gallery", "identify_probes"):
        for row in one.rows(table):
            yield one.root / row["file"], Wanted(template=True)
    for row in one.rows("pairs"):
        yield one.root / row["file_a"], Wanted(template=True)
        yield one.root / row["file_b"], Wanted(template=True)
    for table in ("landmarks", "noses"):
        for row in one.rows(table):
            yield one.root / row["file"], Wanted(meshes=True)
    for row in one.rows("attributes"):
        yield one.root / row["file"], Wanted(boxes=(box_of(row),))
