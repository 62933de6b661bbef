"""Model files: where they are, whether they are the pinned ones, and one loaded session of each."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock

from .errors import ManifestInvalid, ModelCorrupt, ModelsMissing, UnknownModel
from .manifest import Manifest, Model, load
from .sessions import Session

_CHECKOUT = Path(__file__).resolve().parents[2]


class ModelLibrary:
    """The manifest's files on this machine. A session is made on first use, once, whichever thread asks."""

    def __init__(self, manifest: Manifest, directories: Sequence[Path]) -> None:
        """Looks for every file in the directories, the first that has it wins. Nothing is read yet."""
        self.manifest = manifest
        self._directories = tuple(directories)
        self._paths: Mapping[str, Path] = {
            name: path
            for name, model in manifest.models.items()
            if (path := _first(directory / model.file for directory in directories)) is not None
        }
        self._sessions: dict[tuple[str, int], Session] = {}
        self._locks = {name: Lock() for name in manifest.models}

    @classmethod
    def find(cls, explicit: Path | None = None) -> "ModelLibrary":
        """The library of this installation.

        Looks in `explicit` if given, and nowhere else: who names a folder means it. Otherwise in the checkout's
        `.local/models`, then in `shared/models` beside the checkout.
        Raises ModelsMissing when a default model is in none of them, ManifestInvalid.
        """
        places = [_CHECKOUT / ".local" / "models", _CHECKOUT.parent / "shared" / "models"]
        library = cls(load(), [explicit] if explicit else places)
        library.require([model.name for model in library.manifest.models.values() if model.default])
        return library

    def require(self, names: Sequence[str]) -> None:
        """Raises ModelsMissing unless every one of these models was found."""
        missing = [self._model(name).file for name in names if name not in self._paths]
        if missing:
            looked = ", ".join(str(directory) for directory in self._directories)
            raise ModelsMissing(
                f"model files are missing: {', '.join(missing)}; looked in {looked}; put them in {self._directories[0]}"
            )

    def session(self, name: str, threads: int = 1) -> Session:
        """The session of a model by its manifest name. Raises UnknownModel, ModelsMissing, ModelCorrupt."""
        model = self._model(name)
        with self._locks[name]:
            if (name, threads) not in self._sessions:
                self._sessions[name, threads] = self._load(model, threads)
            return self._sessions[name, threads]

    def _model(self, name: str) -> Model:
        if name not in self.manifest.models:
            raise UnknownModel(f"the manifest has no model {name!r}")
        return self.manifest.models[name]

    def _load(self, model: Model, threads: int) -> Session:
        self.require([model.name])
        path = self._paths[model.name]
        content = path.read_bytes()
        found = sha256(content).hexdigest()
        if found != model.sha256:
            raise ModelCorrupt(f"{path} is not the pinned model: sha256 is {found}, not {model.sha256}")
        session = Session(content, threads)
        _check(model, session)
        return session


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _check(model: Model, session: Session) -> None:
    """A manifest entry that misdescribes its file would fail in the middle of a request: it fails here instead."""
    for kind, described, real in (
        ("inputs", model.inputs, session.inputs),
        ("outputs", model.outputs, session.outputs),
    ):
        if {name: len(axes) for name, axes in described.items()} != dict(real):
            raise ManifestInvalid(f"model manifest: {model.name}: {kind} are not those of {model.file}: {dict(real)}")
