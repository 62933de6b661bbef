"""python dev.py models fetch: models from their published files, those that this installation needs and has not.

Each file is downloaded once, from a fixed address, and taken only with the hash that the manifest pins; what is made of
it has a pinned hash too. `run` does the same where models are missing.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.local.azurite import ROOT
from infra.models import cache, download, listing, making, published
from infra.models.errors import FetchError
from shared import settings
from shared.engine import UnknownModel
from shared.engine.manifest import Model

CACHE = ROOT / ".local" / "models"
MIRROR = "OWNFACE_MODELS_MIRROR"
MEGABYTE = 1e6
TOLD_EVERY = 0.2  # seconds


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("fetch", help="get those that are needed and missing from their published sources")
    parser.add_argument("names", nargs="*", metavar="MODEL", help="default: all that this installation needs")
    parser.add_argument("--plan", action="store_true", help="only show what there is to fetch, and on what terms")
    parser.add_argument("--mirror", default=None, metavar="URL", help=f"ask this server alone; default: {MIRROR}")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises ModelError, SettingsError, ConversionError, FetchError."""
    names = options.names or None
    if options.plan:
        _show(missing(names), _folder())
        return 0
    fetch(names, options.mirror)
    return 0


def fetch(names: Sequence[str] | None = None, mirror: str | None = None) -> None:
    """Into FACE_MODELS_DIR or the checkout's cache, an owner's into its folder. `names`: by default those needed.

    Returns at once where nothing is missing. Raises ModelError, SettingsError, ConversionError, FetchError."""
    mirror, folder = _mirror(mirror), _folder()
    if not missing(names):
        print("Every model that is asked for is here and verified.", flush=True)
        return
    with cache.alone(folder, "Another process fetches models: waiting for it ...") as fetching:
        models = missing(names)  # the other one may have fetched them
        _show(models, folder)
        cache.check_space(folder, sum(_size(model, mirror) + _made(model) for model in models))
        for model in models:
            _fetch(model, mirror, fetching, (model.folder or folder) / model.file)


def missing(names: Sequence[str] | None = None) -> list[Model]:
    """Of those models, the ones that are not here as they are pinned. Raises ModelError, SettingsError."""
    library = listing.library()
    for name in names or ():
        if name not in library.manifest.models:
            raise UnknownModel(f"there is no model {name!r}; there are {', '.join(library.manifest.models)}")
    return [
        one.model
        for one in listing.models(library)
        if (one.model.name in names if names else one.needed) and one.found != listing.VERIFIED
    ]


def _fetch(model: Model, mirror: str | None, fetching: Path, file: Path) -> None:
    content: dict[str, bytes] = {}
    sources: list[Path] = []
    for source in published.files(model, mirror):
        path = download.fetch(source, fetching, download.Patience(), Progress(source.name, source.bytes))
        sources.append(path)
        content[source.suffix] = path.read_bytes()
    if not sources:
        raise FetchError(
            f"{model.name}: none of its published files is the model, and nothing says how to convert them"
        )
    cache.store(making.make(model, content), file)
    for path in sources:
        path.unlink()
    print(f"{model.name}: verified, {file}", flush=True)


def _mirror(named: str | None) -> str | None:
    mirror = named or os.environ.get(MIRROR)
    if mirror and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", mirror):
        raise FetchError(f"{mirror!r} is no address of a mirror, such as https://mirror.example.com/models")
    return mirror


def _folder() -> Path:
    return settings.folder(os.environ, "FACE_MODELS_DIR") or CACHE


def _show(models: Sequence[Model], folder: Path) -> None:
    total = sum(_size(model) for model in models)
    print(f"Published files of {total / MEGABYTE:.1f} MB to fetch, for models in {folder}:")
    for model in models:
        terms = f"{model.licence}; commercial use: {model.commercial_use}; training data: {model.training_data}"
        print(f"  {model.name}: {_size(model) / MEGABYTE:.1f} MB; {terms}")
    print("docs/models.md says what these words mean, and how to do without one of them.", flush=True)


def _size(model: Model, mirror: str | None = None) -> int:
    return sum(file.bytes for file in published.files(model, mirror))


def _made(model: Model) -> int:
    return model.conversion.bytes if model.conversion else model.bytes


class Progress:
    """A line that counts, on a terminal; else one at the end of each file. None where nobody said how long it is."""

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size, self._told = name, size, 0.0

    def __call__(self, have: int) -> None:
        done = have == self._size
        now = time.monotonic()
        if not self._size or (not done and (not sys.stderr.isatty() or now - self._told < TOLD_EVERY)):
            return
        self._told = now
        of = f"of {self._size / MEGABYTE:.1f} MB, {have * 100 // self._size} %"
        start, end = ("\r", "\n" if done else "") if sys.stderr.isatty() else ("", "\n")
        print(f"{start}  {self._name}: {have / MEGABYTE:.1f} {of}", end=end, file=sys.stderr, flush=True)
