"""The manifest: which model files there are, pinned by hash, and what each is used for."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import recipes
from .entry import Entry
from .errors import ManifestInvalid, UnknownModel
from .recipes import Alignment, Axes, Recogniser, Template

PATH = Path(__file__).with_name("manifest.json")

COMMERCIAL_USES: Mapping[str, str] = {
    "yes": "the licence permits it, and the publisher trained on data of its own or on made-up faces",
    "review": "the licence permits it, but the training data are unknown, withdrawn or for research: have it reviewed",
    "no": "the licence forbids it",
}

FORMATS: Mapping[str, tuple[str, ...]] = {
    "onnx": (".onnx",),
    "openvino-ir": (".xml", ".bin"),
    "tensorflow-graph": (".pb",),
    "tflite": (".tflite",),
}
"""What a model can be converted from -> the suffixes of its files."""

_HEX_64 = "[0-9a-f]{64}"


@dataclass(frozen=True, slots=True)
class Source:
    """A published file that a model is, or is converted from (then the hash differs from the model's).

    Most stand in a repository on GitHub; of one that does not, those three are empty. Two of one hash are two addresses
    of one file. `bytes`: 0 where its entry does not say.
    """

    url: str
    sha256: str
    bytes: int = 0
    repository: str = ""
    commit: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a model is made from its sources here: their format, a key of FORMATS, and the names there that are not ours.

    `sha256` and `bytes` are of the file that is made. Where they are not the model's own, it answers the same.
    """

    source_format: str
    names: Mapping[str, str]
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Model:
    """One ONNX file. `default`: an installation has it; where a recogniser is what it is for, only if that is chosen.

    `conversion`: None where it is a published file itself. `commercial_use`: a key of COMMERCIAL_USES. `inner`: values
    inside it that are read as well. `folder`: where an owner's file lies; None for ours, which are searched for.
    """

    name: str
    file: str
    role: str
    default: bool
    sha256: str
    bytes: int
    licence: str
    licence_url: str
    training_data: str
    commercial_use: str
    sources: tuple[Source, ...]
    inputs: Mapping[str, Axes]
    outputs: Mapping[str, Axes]
    inner: Mapping[str, Axes]
    conversion: Conversion | None = None
    folder: Path | None = None

    @property
    def pins(self) -> tuple[str, ...]:
        """The hashes that its file may have: as it came, and as it is made here."""
        return (self.sha256, self.conversion.sha256) if self.conversion else (self.sha256,)


@dataclass(frozen=True, slots=True)
class Detector:
    """The sizes that a picture is looked at, falling; the least score of a face; the overlap that suppression allows.

    `turned`: what may be tilted is looked at in turns as well.
    """

    model: str
    long_sides: tuple[int, ...]
    score: float
    overlap: float
    turned: bool


@dataclass(frozen=True, slots=True)
class Mesh:
    """The dense landmark model, and the side of its square crops: times the detector's box, then times the mesh's."""

    model: str
    first_crop: float
    second_crop: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """By name, but detectors by detectionModel, and the chosen recognisers' names by recognitionModel."""

    models: Mapping[str, Model]
    templates: Mapping[str, Template]
    detectors: Mapping[str, Detector]
    recognisers: Mapping[str, Recogniser]
    recognition_models: Mapping[str, str]
    alignment: Alignment
    mesh: Mesh
    left_out: frozenset[str] = frozenset()

    def without(self, names: Collection[str]) -> "Manifest":
        """For an installation that does without these models. Raises UnknownModel where one has to be there anyway."""
        always = {self.alignment.model, self.mesh.model, *(detector.model for detector in self.detectors.values())}
        always |= {part.model for recogniser in self.recognisers.values() for part in recogniser.parts}
        leavable = [name for name, model in self.models.items() if model.default and name not in always]
        for name in names:
            if name not in leavable:
                raise UnknownModel(f"{name!r} is no model that can be left out; those are {', '.join(leavable)}")
        return replace(self, left_out=frozenset(names))

    def choosing(self, chosen: Mapping[str, str]) -> "Manifest":
        """With other recognisers behind some recognition models. Raises UnknownModel."""
        for kind, names, known in (
            ("recognition model", chosen, self.recognition_models),
            ("recogniser", chosen.values(), self.recognisers),
        ):
            for name in names:
                if name not in known:
                    raise UnknownModel(f"there is no {kind} {name!r}; there are {', '.join(sorted(known))}")
        return replace(self, recognition_models={**self.recognition_models, **chosen})

    def recogniser(self, recognition_model: str) -> Recogniser:
        """Raises UnknownModel."""
        if recognition_model not in self.recognition_models:
            raise UnknownModel(f"there is no recognition model {recognition_model!r}")
        return self.recognisers[self.recognition_models[recognition_model]]

    def needed(self) -> list[str]:
        """The models that an installation must have: the default ones, and of recognisers those that are chosen."""
        chosen = {part.model for name in self.recognition_models for part in self.recogniser(name).parts}
        optional = {part.model for recogniser in self.recognisers.values() for part in recogniser.parts} - chosen
        return [
            name
            for name, model in self.models.items()
            if name in chosen or (model.default and name not in optional | self.left_out)
        ]


def load(path: Path = PATH) -> Manifest:
    """The manifest in that file. Raises ManifestInvalid."""
    return parse(read(path))


def read(path: Path) -> object:
    """The JSON document in that file. Raises ManifestInvalid."""
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ManifestInvalid(f"model manifest: {path} is not JSON: {error}") from error


def parse(document: object) -> Manifest:
    """The manifest in a parsed JSON document. Raises ManifestInvalid, naming the first entry that is wrong."""
    root = started(document)
    models = {name: model(name, entry) for name, entry in root["models"].members().items()}
    templates = {name: recipes.template(entry) for name, entry in root["templates"].members().items()}
    alignment = recipes.alignment(root["alignment"], models)
    recognisers = {
        name: recipes.recogniser(name, entry, models, templates, alignment)
        for name, entry in root["recognisers"].members().items()
    }
    return Manifest(
        models,
        templates,
        {name: _detector(entry, models) for name, entry in root["detectors"].members().items()},
        recognisers,
        {name: entry.one_of(recognisers) for name, entry in root["recognitionModels"].members().items()},
        alignment,
        _mesh(root["mesh"], models),
    )


def started(document: object, path: str = "manifest") -> Entry:
    """A document of the one schema that there is."""
    root = Entry(document, path)
    if root["schema"].value != 1:
        raise root["schema"].wrong("1")
    return root


def model(name: str, entry: Entry, folder: Path | None = None) -> Model:
    file = entry["file"].text(r"[\w.-]+\.onnx")
    sources = tuple(_source(item) for item in entry["sources"].items())
    return Model(
        name=name,
        file=file,
        role=entry["role"].text(),
        default=entry["default"].flag(),
        sha256=entry["sha256"].text(_HEX_64),
        bytes=_size(folder / file) if folder else entry["bytes"].count(),
        licence=entry["licence"].text(),
        licence_url=entry["licenceUrl"].text("https://.+"),
        training_data=entry["trainingData"].text(),
        commercial_use=entry["commercialUse"].one_of(COMMERCIAL_USES),
        sources=sources,
        inputs=_values(entry["inputs"]),
        outputs=_values(entry["outputs"]),
        inner=_values(entry["inner"]) if "inner" in entry.members() else {},
        conversion=_conversion(entry, sources) if "conversion" in entry.members() else None,
        folder=folder,
    )


def _conversion(model: Entry, sources: tuple[Source, ...]) -> Conversion:
    entry = model["conversion"]
    source_format = entry["from"].one_of(FORMATS)
    for suffix in FORMATS[source_format]:
        if len({source.sha256 for source in sources if source.url.endswith(suffix)}) != 1:
            raise entry["from"].wrong(f"a format of which the sources are: there is not one {suffix} file among them")
    return Conversion(
        source_format,
        {source: name.text() for source, name in entry.get("names", {}).members().items()},
        entry.get("sha256", model["sha256"].value).text(_HEX_64),
        entry.get("bytes", model["bytes"].value).count(),
    )


def _size(file: Path) -> int:
    """Of an owner's file, whose hash is all that its entry pins; 0 where there is none."""
    return file.stat().st_size if file.is_file() else 0


def _source(entry: Entry) -> Source:
    pinned, size = entry["sha256"].text(_HEX_64), entry["bytes"].count() if "bytes" in entry.members() else 0
    if "url" in entry.members():
        return Source(entry["url"].text("https://.+"), pinned, size)
    repository, commit = entry["repository"].text(r"[\w.-]+/[\w.-]+"), entry["commit"].text("[0-9a-f]{40}")
    path = entry["path"].text()
    return Source(
        f"https://raw.githubusercontent.com/{repository}/{commit}/{path}", pinned, size, repository, commit, path
    )


def _values(entry: Entry) -> dict[str, Axes]:
    return {key: _axes(value) for key, value in entry.members().items()}


def _axes(entry: Entry) -> Axes:
    return tuple(item.text() if isinstance(item.value, str) else item.count() for item in entry.items())


def _detector(entry: Entry, models: Mapping[str, Model]) -> Detector:
    sides = tuple(item.count() for item in entry["longSides"].items())
    if sorted(sides, reverse=True) != list(sides):
        raise entry["longSides"].wrong("sizes that fall")
    return Detector(
        entry["model"].one_of(models),
        sides,
        entry["score"].number(0, 1),
        entry["overlap"].number(0, 1),
        entry["turned"].flag(),
    )


def _mesh(entry: Entry, models: Mapping[str, Model]) -> Mesh:
    return Mesh(entry["model"].one_of(models), entry["firstCrop"].number(1), entry["secondCrop"].number(1))
