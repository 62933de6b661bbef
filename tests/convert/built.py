"""The models, made from the published files as `dev.py models fetch` makes them."""

from pathlib import Path

from infra.models import making, published
from shared.engine.manifest import Model, load
from tests.models import publishers


def sources(model: Model) -> dict[str, bytes]:
    """Its published files by suffix."""
    files = publishers.by_hash()
    return {file.suffix: files[file.sha256].read_bytes() for file in published.files(model)}


def build(folder: Path) -> None:
    """Every model of the manifest, into that folder."""
    for model in load().models.values():
        (folder / model.file).write_bytes(making.make(model, sources(model)))
