"""The recorded answers are those of the files that were compared with their own frameworks, and of no others."""

import numpy as np
import pytest

from infra.models import references
from infra.models.errors import NotReproduced
from shared.engine import ModelLibrary
from shared.engine.manifest import load
from tests.convert.built import sources
from tests.engine.conftest import MODELS


def test_every_model_has_recorded_answers_and_its_file_gives_them() -> None:
    library = ModelLibrary(load(), [MODELS])
    assert references.read().keys() == library.manifest.models.keys()
    for name, model in library.manifest.models.items():
        assert references.read()[name]["outputs"].keys() == model.outputs.keys()
        references.check(model, library.session(name))


def test_a_model_with_other_weights_is_not_taken_for_the_recorded_one() -> None:
    library = ModelLibrary(load(), [MODELS])
    v2, v1se = library.manifest.models["minifasnet-v2"], library.session("minifasnet-v1se")
    with pytest.raises(NotReproduced, match="minifasnet-v2: output is off"):
        references.check(v2, v1se)


def test_the_picture_shows_something_in_either_order_of_axes() -> None:
    last = references.picture((2, 64, 128, 3), (0, 255))
    first = references.picture((2, 3, 64, 128), (0, 255))
    assert (last.transpose(0, 3, 1, 2) == first).all()
    assert not (first[0] == first[1]).all()
    assert first.min() >= 0
    assert first.max() <= 255
    assert np.ptp(first, axis=(2, 3)).min() > 100


def test_a_model_that_was_altered_at_its_source_is_not_stored_as_ours() -> None:
    from infra.models import making

    model = load().models["mobilefacenet-128"]
    content = bytearray(sources(model)[".onnx"])
    content[len(content) // 2] ^= 0x40  # in a weight
    with pytest.raises(NotReproduced, match="mobilefacenet-128: what was made of its sources is not what is pinned"):
        making.make(model, {".onnx": bytes(content)})
