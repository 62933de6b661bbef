"""Folders of an owner's recognisers, made of our model files under other names: really loadable, of the public form."""

import json
from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.engine.manifest import PATH, load
from shared.engine.own import joined

Document = dict[str, Any]

SHARED_MODELS = Path(__file__).resolve().parents[2] / "shared" / "models"
ARCFACE = {"colours": "RGB", "divide": 1, "mean": [127.5] * 3, "std": [127.5] * 3}
ADAFACE = {"colours": "BGR", "divide": 255, "mean": [0.5] * 3, "std": [0.5] * 3}


def document(fed: Mapping[str, Any] = ARCFACE, **names: str) -> Document:
    """One recogniser, `arc`, over `arc.onnx`, which has MobileFaceNet's bytes. `names`: others for it and its model."""
    model = deepcopy(json.loads(PATH.read_bytes())["models"]["mobilefacenet-128"])
    del model["conversion"]
    model.update(file="arc.onnx", default=False, sources=[{"url": "https://example.com/a", "sha256": model["sha256"]}])
    part = {"model": names.get("model", "arc-file"), "weight": 1, "dimension": 128, "template": "A", **fed}
    return {
        "schema": 1,
        "models": {names.get("model", "arc-file"): model},
        "recognisers": {names.get("recogniser", "arc"): {"dimension": 128, "parts": [part]}},
    }


def make(folder: Path, content: Document | None = None) -> Path:
    """The folder, with a manifest and the file, without a calibration."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(content or document()))
    (folder / "arc.onnx").write_bytes((SHARED_MODELS / load().models["mobilefacenet-128"].file).read_bytes())
    return folder


def sha256_of(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def calibrate(folder: Path, name: str = "arc") -> Path:
    """Gives it a scale of made-up points, which fits its templates by fingerprint. The folder."""
    points = [{"cosine": 0.3, "false_match_rate": 1e-3}, {"cosine": 0.5, "false_match_rate": 1e-5}]
    fingerprint = joined(load(), folder).recognisers[name].fingerprint
    (folder / "calibration").mkdir(exist_ok=True)
    (folder / "calibration" / f"{name}.json").write_text(json.dumps({"fingerprint": fingerprint, "points": points}))
    return folder
