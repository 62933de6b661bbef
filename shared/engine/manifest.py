"""The manifest: which model files there are, pinned by hash, and what each is used for.

Adding a recogniser that takes an aligned face is an entry here, not code: a model, the template it is aligned to, its
colour order and its normalisation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .entry import Entry
from .errors import ManifestInvalid

PATH = Path(__file__).with_name("manifest.json")

_HEX_64 = "[0-9a-f]{64}"
_EPSILON = 1e-6

Axes = tuple[int | str, ...]  # a fixed size, or the name of one that varies


@dataclass(frozen=True, slots=True)
class Source:
    """A published file that a model is, or was converted from (then the hash differs from the model's)."""

    repository: str
    commit: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """One ONNX file. `default` says whether an installation must have it."""

    name: str
    file: str
    role: str
    default: bool
    sha256: str
    bytes: int
    licence: str
    licence_url: str
    sources: tuple[Source, ...]
    inputs: Mapping[str, Axes]
    outputs: Mapping[str, Axes]


@dataclass(frozen=True, slots=True)
class Template:
    """Where the five points of a face lie in a square chip of `size` pixels."""

    size: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Detector:
    """Picture sizes to try, in order, until a face is found; then the least score and the overlap that NMS allows."""

    model: str
    long_sides: tuple[int, ...]
    score: float
    overlap: float


@dataclass(frozen=True, slots=True)
class Part:
    """One model of a recogniser. It is fed (pixel / divide - mean) / std, by channel in the order of `colours`."""

    model: str
    weight: float
    dimension: int
    template: Template
    colours: Literal["RGB", "BGR"]
    divide: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Parts whose unit vectors, each times the root of its weight, make one template of `dimension` numbers."""

    name: str
    dimension: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """The dense landmark model, and the side of its square crops: times the detector's box, then times the mesh's."""

    model: str
    first_crop: float
    second_crop: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Models by name, detectors by detectionModel, recognisers by id, recogniser ids by recognitionModel."""

    models: Mapping[str, Model]
    detectors: Mapping[str, Detector]
    recognisers: Mapping[str, Recogniser]
    recognition_models: Mapping[str, str]
    mesh: Mesh


def load(path: Path = PATH) -> Manifest:
    """The manifest in that file. Raises ManifestInvalid."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise ManifestInvalid(f"model manifest: {path} is not JSON: {error}") from error
    return parse(document)


def parse(document: object) -> Manifest:
    """The manifest in a parsed JSON document. Raises ManifestInvalid, naming the first entry that is wrong."""
    root = Entry(document, "manifest")
    if root["schema"].value != 1:
        raise root["schema"].wrong("1")
    models = {name: _model(name, entry) for name, entry in root["models"].members().items()}
    templates = {name: _template(entry) for name, entry in root["templates"].members().items()}
    recognisers = {
        name: _recogniser(name, entry, models, templates) for name, entry in root["recognisers"].members().items()
    }
    return Manifest(
        models,
        {name: _detector(entry, models) for name, entry in root["detectors"].members().items()},
        recognisers,
        {name: entry.one_of(recognisers) for name, entry in root["recognitionModels"].members().items()},
        _mesh(root["mesh"], models),
    )


def _model(name: str, entry: Entry) -> Model:
    return Model(
        name=name,
        file=entry["file"].text(r"[\w.-]+\.onnx"),
        role=entry["role"].text(),
        default=entry["default"].flag(),
        sha256=entry["sha256"].text(_HEX_64),
        bytes=entry["bytes"].count(),
        licence=entry["licence"].text(),
        licence_url=entry["licenceUrl"].text("https://.+"),
        sources=tuple(_source(item) for item in entry["sources"].items()),
        inputs={key: _axes(value) for key, value in entry["inputs"].members().items()},
        outputs={key: _axes(value) for key, value in entry["outputs"].members().items()},
    )


def _source(entry: Entry) -> Source:
    return Source(
        entry["repository"].text(r"[\w.-]+/[\w.-]+"),
        entry["commit"].text("[0-9a-f]{40}"),
        entry["path"].text(),
        entry["sha256"].text(_HEX_64),
    )


def _axes(entry: Entry) -> Axes:
    return tuple(item.text() if isinstance(item.value, str) else item.count() for item in entry.items())


def _template(entry: Entry) -> Template:
    points = [(x, y) for x, y in (item.numbers(2) for item in entry["points"].items())]
    if len(points) != 5:
        raise entry["points"].wrong("five points")
    return Template(entry["size"].count(), tuple(points))


def _detector(entry: Entry, models: Mapping[str, Model]) -> Detector:
    sides = tuple(item.count() for item in entry["longSides"].items())
    return Detector(entry["model"].one_of(models), sides, entry["score"].number(0, 1), entry["overlap"].number(0, 1))


def _recogniser(name: str, entry: Entry, models: Mapping[str, Model], templates: Mapping[str, Template]) -> Recogniser:
    parts = tuple(_part(item, models, templates) for item in entry["parts"].items())
    if sum(part.dimension for part in parts) != entry["dimension"].count():
        raise entry["dimension"].wrong("the sum of the parts' dimensions")
    if abs(sum(part.weight for part in parts) - 1) > _EPSILON:
        raise entry["parts"].wrong("weights that add up to 1")
    return Recogniser(name, entry["dimension"].count(), parts)


def _part(entry: Entry, models: Mapping[str, Model], templates: Mapping[str, Template]) -> Part:
    return Part(
        model=entry["model"].one_of(models),
        weight=entry["weight"].number(0, 1),
        dimension=entry["dimension"].count(),
        template=templates[entry["template"].one_of(templates)],
        colours="RGB" if entry["colours"].one_of(("BGR", "RGB")) == "RGB" else "BGR",
        divide=entry["divide"].number(_EPSILON),
        mean=entry["mean"].numbers(3),
        std=entry["std"].numbers(3, _EPSILON),
    )


def _mesh(entry: Entry, models: Mapping[str, Model]) -> Mesh:
    return Mesh(entry["model"].one_of(models), entry["firstCrop"].number(1), entry["secondCrop"].number(1))
