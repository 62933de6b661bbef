"""Model files: where they are, whether they are the pinned ones, and one loaded session of each."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock

from . import own as own_models
from .errors import ManifestInvalid, ModelCorrupt, ModelsMissing, UnknownModel
from .manifest import Manifest, Model, load
from .onnx_file import Interface, inspect
from .recipes import Axes
from .sessions import Session, Shape
from .taps import tapped

_CHECKOUT = Path(__file__).resolve().parents[2]

Fetch = Callable[[Model], bytes | None]
"""The file of a model from elsewhere; None where it is not there. What it raises is not the engine's."""


class ModelLibrary:
    """The manifest's files on this machine. A session is made on first use, once, whichever thread asks."""

    def __init__(self, manifest: Manifest, directories: Sequence[Path], fetch: Fetch | None = None) -> None:
        """Looks for every file in the directories, the first that has it wins; for an owner's in its own folder.

        What is in none of them is fetched when it is first used. Nothing is read yet."""
        self.manifest = manifest
        self._fetch = fetch
        self._directories = tuple(directories)
        self._paths: Mapping[str, Path] = {
            name: path
            for name, model in manifest.models.items()
            if (path := _first(directory / model.file for directory in self._places(model))) is not None
        }
        self._sessions: dict[tuple[str, int], Session] = {}
        self._locks = {name: Lock() for name in manifest.models}

    @classmethod
    def find(
        cls,
        explicit: Path | None = None,
        own: Path | None = None,
        chosen: Mapping[str, str] | None = None,
        left_out: Collection[str] = (),
        fetch: Fetch | None = None,
    ) -> "ModelLibrary":
        """The library of this installation, whole. As `survey`; raises ModelsMissing when a model that is needed is in
        none of the folders, and there is nothing to `fetch` it with."""
        library = cls.survey(explicit, own, chosen, left_out, fetch)
        library.require(library.manifest.needed())
        return library

    @classmethod
    def survey(
        cls,
        explicit: Path | None = None,
        own: Path | None = None,
        chosen: Mapping[str, str] | None = None,
        left_out: Collection[str] = (),
        fetch: Fetch | None = None,
    ) -> "ModelLibrary":
        """The library of this installation, also where files are missing.

        Looks in `explicit` if given, and in no other folder: who names one means it. Otherwise in `.local/models` of
        the checkout, in `models`, where a package carries them, then in `shared/models` beside the checkout. `own`:
        the folder of an owner's recognisers.
        `chosen`: recognition model -> recogniser, where it is not the manifest's. `left_out`: models to do without.
        Raises UnknownModel, ManifestInvalid, ModelsMissing where `own` has no manifest.
        """
        places = [_CHECKOUT / ".local" / "models", _CHECKOUT / "models", _CHECKOUT.parent / "shared" / "models"]
        manifest = own_models.joined(load(), own) if own else load()
        return cls(manifest.choosing(chosen or {}).without(left_out), [explicit] if explicit else places, fetch)

    def require(self, names: Sequence[str]) -> None:
        """Raises ModelsMissing unless every one of these models was found, or may be fetched."""
        missing = [
            model
            for model in map(self._model, names)
            if model.name not in self._paths and (model.folder or not self._fetch)
        ]
        if missing:
            files = ", ".join(model.file for model in missing)
            places = dict.fromkeys(place for model in missing for place in self._places(model))
            looked = ", ".join(map(str, places))
            raise ModelsMissing(
                f"model files are missing: {files}; looked in {looked}; put them in {next(iter(places))}"
            )

    def session(self, name: str, threads: int = 1) -> Session:
        """The session of a model by its manifest name. Raises UnknownModel, ModelsMissing, ModelCorrupt."""
        model = self._model(name)
        if name in self.manifest.left_out:
            raise UnknownModel(f"{name} is left out of this installation")
        with self._locks[name]:
            if (name, threads) not in self._sessions:
                self._sessions[name, threads] = self._load(model, threads)
            return self._sessions[name, threads]

    def path(self, name: str) -> Path | None:
        """Where the file of that model was found."""
        return self._paths.get(name)

    def content(self, name: str) -> bytes:
        """The model's file, checked. Raises UnknownModel, ModelsMissing, ModelCorrupt."""
        model = self._model(name)
        self.require([name])
        path = self._paths.get(name)
        content = path.read_bytes() if path else self._fetched(model)
        found = sha256(content).hexdigest()
        if found not in model.pins:
            place = path or f"{model.file} in the container"
            raise ModelCorrupt(f"{place} is not the pinned model: sha256 is {found}, not {' or '.join(model.pins)}")
        return content

    def _fetched(self, model: Model) -> bytes:
        assert self._fetch is not None  # noqa: S101 - else it was required in vain
        content = self._fetch(model)
        if content is None:
            raise ModelsMissing(f"model file {model.file} is in no folder and not in the container: publish the models")
        return content

    def _places(self, model: Model) -> tuple[Path, ...]:
        return (model.folder,) if model.folder else self._directories

    def _model(self, name: str) -> Model:
        if name not in self.manifest.models:
            raise UnknownModel(f"the manifest has no model {name!r}")
        return self.manifest.models[name]

    def _load(self, model: Model, threads: int) -> Session:
        return loaded(model, self.content(model.name), threads)


def loaded(model: Model, content: bytes, threads: int) -> Session:
    """The session of that content. Raises ModelUnsafe, ManifestInvalid, ModelUnusable."""
    _check(model, inspect(content), {})  # before ONNX Runtime makes anything of it
    session = Session(tapped(content, model.inner), threads)
    _check(model, session, model.inner)
    return session


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _check(model: Model, found: Session | Interface, inner: Mapping[str, Axes]) -> None:
    """A manifest entry that misdescribes its file would fail in the middle of a request: it fails here instead."""
    pairs: tuple[tuple[str, Mapping[str, Axes], Mapping[str, Shape | None]], ...] = (
        ("inputs", model.inputs, found.inputs),
        ("outputs", {**model.outputs, **inner}, found.outputs),
    )
    for kind, described, real in pairs:
        fits = _fits if kind == "inputs" else _may_be
        if described.keys() != real.keys() or not all(fits(axes, real[name]) for name, axes in described.items()):
            shapes = {name: list(shape or "?") for name, shape in real.items()}
            raise ManifestInvalid(f"model manifest: {model.name}: {kind} are not those of {model.file}: {shapes}")


def _fits(axes: Axes, shape: Shape | None) -> bool:
    """Whether an input takes what is described: the file may leave open what the manifest fixes."""
    return shape is None or (
        len(axes) == len(shape)
        and all(size == axis for axis, size in zip(axes, shape, strict=True) if isinstance(size, int))
    )


def _may_be(axes: Axes, shape: Shape | None) -> bool:
    """Whether an output can be what is described. Many a file says 1 where it answers as many as it was given."""
    return shape is None or (
        len(axes) == len(shape)
        and all(
            size == axis or size == 1
            for axis, size in zip(axes, shape, strict=True)
            if isinstance(size, int) and isinstance(axis, int)
        )
    )
