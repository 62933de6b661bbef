"""python dev.py models quantise RECOGNISER --pictures FOLDER: the same in 8 bits, as a recogniser of your own.

What it makes of a recogniser NAME is NAME-8bit, in FACE_OWN_MODELS_DIR: its models, and their entries in the manifest
there, which is made where there is none. The pictures need no labels; each face in them counts.
"""

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from infra.models import cache
from infra.models.eight_bits import LEAST_TOGETHER, Chips, EightBits, made
from shared import settings
from shared.engine import Engine, ModelLibrary, PictureError, decode, own
from shared.engine.manifest import Model, load, read
from shared.engine.recipes import Part, Recogniser
from shared.engine.recogniser import aligned
from shared.engine.workers import cores

SUFFIX = "8bit"
LEAST_FACES, MOST_FACES = 64, 256
MEGABYTE = 1e6


class CannotQuantise(Exception):
    """The pictures or the recogniser give no variant of 8 bits; the text says why."""


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("quantise", help="make a recogniser of 8 bits from one of floats, and pictures")
    parser.add_argument("recogniser", metavar="RECOGNISER", help="its name in a manifest")
    parser.add_argument("--pictures", type=Path, required=True, metavar="FOLDER", help="with faces; no labels")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises CannotQuantise, ModelError, ConversionError, CannotStore."""
    folder = settings.folder(os.environ, "FACE_OWN_MODELS_DIR")
    if folder is None:
        raise CannotQuantise("FACE_OWN_MODELS_DIR does not name the folder that it goes into")
    theirs = folder if (folder / own.MANIFEST).is_file() else None
    everywhere = dict.fromkeys(load().recognition_models, options.recogniser)  # so that no other model is needed
    library = ModelLibrary.find(settings.folder(os.environ, "FACE_MODELS_DIR"), theirs, everywhere)
    recogniser = library.manifest.recognisers[options.recogniser]
    models = {}
    for part, chips in zip(recogniser.parts, _faces(library, recogniser, options.pictures), strict=True):
        models[part.model] = made(part, library.content(part.model), chips)
        _tell(library.manifest.models[part.model], models[part.model])
    _store(folder, library, recogniser, models)
    name = f"{recogniser.name}-{SUFFIX}"
    print(
        f"{name} is in {folder}. `models calibrate {name}` gives it its scale, and FACE_RECOGNITION_MODELS chooses it."
    )
    return 0


def _faces(library: ModelLibrary, recogniser: Recogniser, folder: Path) -> list[Chips]:
    """Of each part the chips of the same faces. Raises CannotQuantise."""
    engine, found, count = Engine(library), list[list[Chips]](), 0
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            picture = decode(file.read_bytes())
            faces = engine.detect(picture, "detection_03", limit=MOST_FACES - count)
        except (OSError, PictureError):
            continue
        if faces:
            found.append(aligned(library, cores(), recogniser, picture, faces))
            count += len(faces)
        if count == MOST_FACES:
            break
    if count < LEAST_FACES:
        raise CannotQuantise(f"{folder} has pictures of {count} faces; at least {LEAST_FACES} are needed")
    return [np.concatenate(chips) for chips in zip(*found, strict=True)]


def _tell(model: Model, result: EightBits) -> None:
    """Raises CannotQuantise."""
    if result.likeness.mean() < LEAST_TOGETHER or len(result.kept) == result.convolutions:
        raise CannotQuantise(
            f"{model.name}: what 8 bits answer is too far from what it answered: cosine {result.likeness.mean():.3f}, "
            f"with {len(result.kept)} of {result.convolutions} convolutions as they were"
        )
    print(
        f"{model.name}: {model.bytes / MEGABYTE:.1f} MB, in 8 bits {len(result.content) / MEGABYTE:.1f} MB\n"
        f"  {result.convolutions - len(result.kept)} convolutions of 8 bits, {len(result.kept)} of floats\n"
        f"  cosine to what it answered before: {result.likeness.mean():.4f}, least {result.likeness.min():.4f}, "
        f"of {len(result.likeness)} other faces",
        flush=True,
    )


def _store(folder: Path, library: ModelLibrary, recogniser: Recogniser, models: Mapping[str, EightBits]) -> None:
    """The files, then the manifest with what else is in it. Raises CannotQuantise, CannotStore."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotQuantise(f"{folder}: {error.strerror}") from None
    file = folder / own.MANIFEST
    document: Any = read(file) if file.is_file() else {"schema": 1}
    for name, result in models.items():
        entry = _model(library.manifest.models[name], result.content)
        cache.store(result.content, folder / entry["file"])
        document.setdefault("models", {})[f"{name}-{SUFFIX}"] = entry
    templates = library.manifest.templates
    parts = [
        _part(part, next(name for name in templates if templates[name] == part.template)) for part in recogniser.parts
    ]
    entry = {"dimension": recogniser.dimension, "parts": parts}
    document.setdefault("recognisers", {})[f"{recogniser.name}-{SUFFIX}"] = entry
    cache.store((json.dumps(document, indent=2) + "\n").encode(), file)


def _model(model: Model, content: bytes) -> dict[str, Any]:
    return {
        "file": f"{Path(model.file).stem}_{SUFFIX}.onnx",
        "role": f"{model.role}, in 8 bits",
        "default": False,
        "sha256": sha256(content).hexdigest(),
        "licence": model.licence,
        "licenceUrl": model.licence_url,
        "trainingData": model.training_data,
        "commercialUse": model.commercial_use,
        "sources": [{"url": source.url, "sha256": source.sha256} for source in model.sources],
        "inputs": dict(model.inputs),
        "outputs": dict(model.outputs),
    }


def _part(part: Part, template: str) -> dict[str, Any]:
    fed = {key: value for key, value in asdict(part).items() if key not in ("input", "output", "one_by_one")}
    return {**fed, "model": f"{part.model}-{SUFFIX}", "template": template}
