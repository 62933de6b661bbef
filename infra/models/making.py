"""A model's file from its published ones: converted, compared with what is pinned, run against what is recorded."""

import hashlib
from collections.abc import Mapping

from infra import convert
from infra.models import references
from infra.models.errors import NotReproduced
from shared.engine.manifest import Model
from shared.engine.models import loaded

THREADS = 1


def make(model: Model, files: Mapping[str, bytes]) -> bytes:
    """The content of its file. `files`: the published ones by suffix.

    Raises ConversionError, NotReproduced, ModelError."""
    if model.conversion is None:
        (content,) = files.values()
        pinned = model.sha256
    else:
        wanted = convert.Wanted(model.inputs, model.outputs, model.conversion.names)
        content, pinned = convert.convert(model.conversion.source_format, files, wanted), model.conversion.sha256
    found = hashlib.sha256(content).hexdigest()
    if found != pinned:
        raise NotReproduced(f"{model.name}: what was made of its sources is not what is pinned: sha256 is {found}")
    session = loaded(model, content, THREADS)
    if model.folder is None:
        references.check(model, session)
    return content
