"""How templates are made, as data: what an aligned face is fed to, and how the answers are joined.

Adding a recogniser that takes an aligned face is an entry in a manifest, not code: a model, the template that it is
aligned to, its colour order and its normalisation.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Literal, Protocol

from .entry import Entry

_EPSILON = 1e-6
_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"  # also the name of its calibration file

Axes = tuple[int | str, ...]  # a fixed size, or the name of one that varies


class ModelFile(Protocol):
    """What has to be known of a model. `inputs` and `outputs`: names with their axes."""

    @property
    def sha256(self) -> str: ...
    @property
    def inputs(self) -> Mapping[str, Axes]: ...
    @property
    def outputs(self) -> Mapping[str, Axes]: ...


@dataclass(frozen=True, slots=True)
class Template:
    """Where the five points of a face lie in a square chip of `size` pixels."""

    size: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A level crop of `size` pixels, of whose side the face's box takes `share`."""

    size: int
    share: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """The detector that looks again for the points by which a face is aligned, and at what."""

    model: str
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One model of a recogniser. It is fed (pixel / divide - mean) / std, by channel in the order of `colours`.

    `input` and `output` are the names of its tensors. `one_by_one`: its batch axis is fixed at 1.
    """

    model: str
    weight: float
    dimension: int
    template: Template
    colours: Literal["RGB", "BGR"]
    divide: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    input: str
    output: str
    one_by_one: bool


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Parts whose unit vectors, each times the root of its weight, make one template of `dimension` numbers.

    `fingerprint` tells apart all that changes a template: the models' bytes, and what they are fed. `id` is stored with
    templates: those of two ids never compare. One of ours keeps its id for good; an owner's has the fingerprint in it,
    so that another file or another normalisation under the old name is another id.
    """

    name: str
    id: str
    fingerprint: str
    dimension: int
    parts: tuple[Part, ...]
    alignment: Alignment


def alignment(entry: Entry, models: Mapping[str, ModelFile]) -> Alignment:
    looks = tuple(Look(item["size"].count(), item["share"].number(0.1, 1)) for item in entry["looks"].items())
    if any(look.size % 32 for look in looks):
        raise entry["looks"].wrong("sizes that are multiples of 32")
    return Alignment(entry["model"].one_of(models), looks)


def template(entry: Entry) -> Template:
    points = [(x, y) for x, y in (item.numbers(2) for item in entry["points"].items())]
    if len(points) != 5:
        raise entry["points"].wrong("five points")
    return Template(entry["size"].count(), tuple(points))


def recogniser(
    name: str,
    entry: Entry,
    models: Mapping[str, ModelFile],
    templates: Mapping[str, Template],
    aligned: Alignment,
    own: bool = False,
) -> Recogniser:
    """`own`: it is an owner's. Raises ManifestInvalid."""
    Entry(name, f"{entry.path} (its name)").text(_NAME)
    parts = tuple(_part(item, models, templates) for item in entry["parts"].items())
    if sum(part.dimension for part in parts) != entry["dimension"].count():
        raise entry["dimension"].wrong("the sum of the parts' dimensions")
    if abs(sum(part.weight for part in parts) - 1) > _EPSILON:
        raise entry["parts"].wrong("weights that add up to 1")
    fingerprint = _fingerprint(parts, aligned, models)
    stored = f"{name}.{fingerprint}" if own else name
    return Recogniser(name, stored, fingerprint, sum(part.dimension for part in parts), parts, aligned)


def _part(entry: Entry, models: Mapping[str, ModelFile], templates: Mapping[str, Template]) -> Part:
    model = entry["model"].one_of(models)
    chip, dimension = templates[entry["template"].one_of(templates)], entry["dimension"].count()
    (source, taken), *more = models[model].inputs.items()
    (output, given), *_ = models[model].outputs.items()
    if more or len(taken) != 4 or taken[1:] != (3, chip.size, chip.size) or taken[0] not in {1, str(taken[0])}:
        raise entry["template"].wrong(f"the size of the one input of {model}, [faces or 1, 3, size, size]")
    if len(given) != 2 or given[1] != dimension:
        raise entry["dimension"].wrong(f"that of the first output of {model}, [faces or 1, dimension]")
    return Part(
        model=model,
        weight=entry["weight"].number(0, 1),
        dimension=dimension,
        template=chip,
        colours="RGB" if entry["colours"].one_of(("BGR", "RGB")) == "RGB" else "BGR",
        divide=entry["divide"].number(_EPSILON),
        mean=entry["mean"].numbers(3),
        std=entry["std"].numbers(3, _EPSILON),
        input=source,
        output=output,
        one_by_one=taken[0] == 1,
    )


def _fingerprint(parts: tuple[Part, ...], aligned: Alignment, models: Mapping[str, ModelFile]) -> str:
    steps: tuple[Alignment | Part, ...] = (aligned, *parts)
    made_by = [{**asdict(step), "model": models[step.model].sha256} for step in steps]
    return sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:12]
