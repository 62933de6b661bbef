"""python dev.py models list: which models there are, whether their files are the pinned ones, and on what terms.

The exit code is 1 where a model that this installation needs is missing or altered.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared import settings
from shared.engine import ModelCorrupt, ModelLibrary
from shared.engine.attributes import optional_models
from shared.engine.manifest import COMMERCIAL_USES, Model

MEGABYTE = 1e6
VERIFIED, MISSING, ALTERED = "verified", "missing", "altered"


@dataclass(frozen=True, slots=True)
class Listed:
    """`found`: VERIFIED, MISSING or ALTERED. `needed`: this installation does not start without it."""

    model: Model
    needed: bool
    found: str
    path: Path | None


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("list", help="which there are, their hashes verified, and on what terms (the default)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises ModelError, SettingsError."""
    del options
    surveyed = library()
    manifest, listed = surveyed.manifest, list(models(surveyed))
    for one in listed:
        _tell(one)
    print("Recognition models:")
    for model, recogniser in manifest.recognition_models.items():
        parts = " and ".join(part.model for part in manifest.recogniser(model).parts)
        print(f"  {model}: {recogniser}, made by {parts}")
    print("Commercial use:")
    for word, meaning in COMMERCIAL_USES.items():
        print(f"  {word}: {meaning}")
    wanting = [one.model.name for one in listed if one.needed and one.found != VERIFIED]
    print(
        f"Missing or altered: {', '.join(wanting)}" if wanting else "Every model that is needed is here and verified."
    )
    return 1 if wanting else 0


def library() -> ModelLibrary:
    """As the service would have it by this environment, but also where files are missing."""
    return ModelLibrary.survey(
        settings.folder(os.environ, "FACE_MODELS_DIR"),
        settings.folder(os.environ, "FACE_OWN_MODELS_DIR"),
        settings.recognition_models(os.environ, "FACE_RECOGNITION_MODELS"),
        settings.words(os.environ, "FACE_LEFT_OUT_MODELS"),
    )


def models(library: ModelLibrary) -> Iterator[Listed]:
    """Every model of the manifest, each file read and hashed."""
    sensitive = settings.sensitive_attributes(os.environ, "FACE_SENSITIVE_ATTRIBUTES")
    needed = {*library.manifest.needed(), *optional_models(sensitive)}
    for name, model in library.manifest.models.items():
        yield Listed(model, name in needed, _found(library, name), library.path(name))


def _found(library: ModelLibrary, name: str) -> str:
    if library.path(name) is None:
        return MISSING
    try:
        library.content(name)
    except ModelCorrupt:
        return ALTERED
    return VERIFIED


def _tell(one: Listed) -> None:
    model = one.model
    print(f"{model.name}: {model.role}")
    print(f"  {'needed' if one.needed else 'optional'}, {one.found}{f': {one.path}' if one.path else ''}")
    print(f"  {model.file}, {model.bytes / MEGABYTE:.1f} MB, sha256 {model.sha256}")
    print(f"  licence: {model.licence}, {model.licence_url}")
    print(f"  trained on: {model.training_data}; commercial use: {model.commercial_use}")
    for source in model.sources:
        print(f"  source: {source.url}")
    print()
