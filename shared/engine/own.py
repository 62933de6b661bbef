"""An owner's recognisers: a folder with a manifest of them, and their model files."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from . import recipes
from .entry import Entry
from .errors import ModelsMissing
from .manifest import Manifest, model, read, started

MANIFEST = "manifest.json"
SECTIONS = ("schema", "models", "templates", "recognisers")

_Value = TypeVar("_Value")


def joined(ours: Manifest, folder: Path) -> Manifest:
    """Ours and what the folder's manifest adds. It may use our models and templates, and name nothing as we do.

    Raises ModelsMissing where there is no manifest, ManifestInvalid.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise ModelsMissing(f"there is no {MANIFEST} in {folder}, the folder of own models")
    root = started(read(file), str(file))
    for name, entry in root.members().items():
        Entry(name, entry.path).one_of(SECTIONS)
    models = _more(ours.models, {name: model(name, entry, folder) for name, entry in _new(root, "models", ours.models)})
    templates = _more(
        ours.templates, {name: recipes.template(entry) for name, entry in _new(root, "templates", ours.templates)}
    )
    recognisers = {
        name: recipes.recogniser(name, entry, models, templates, ours.alignment, own=True)
        for name, entry in _new(root, "recognisers", ours.recognisers)
    }
    return replace(ours, models=models, templates=templates, recognisers=_more(ours.recognisers, recognisers))


def _new(root: Entry, section: str, taken: Collection[str]) -> list[tuple[str, Entry]]:
    entries = root.members().get(section, Entry({}, section)).members()
    for name, entry in entries.items():
        if name in taken:
            raise entry.wrong("another name: this is one of Ownface's own")
    return list(entries.items())


def _more(ours: Mapping[str, _Value], theirs: Mapping[str, _Value]) -> dict[str, _Value]:
    return {**ours, **theirs}
