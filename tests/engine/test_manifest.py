"""The pinned manifest holds together, and a broken one says where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.engine import ManifestInvalid
from shared.engine.manifest import FORMATS, PATH, load, parse

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    content: Document = json.loads(PATH.read_bytes())
    return content


def test_the_manifest_pins_every_model_it_uses() -> None:
    manifest = load()
    assert set(manifest.detectors) == {"detection_01", "detection_02", "detection_03"}
    assert set(manifest.recognition_models) == {f"recognition_0{number}" for number in range(1, 5)}
    assert manifest.recognisers["fused-384"].dimension == 384
    for model in manifest.models.values():
        assert len(model.sha256) == 64
        assert model.sources


def test_pins_agree_with_the_shared_models() -> None:
    shared = Path(__file__).resolve().parents[3] / "shared" / "models" / "manifest.json"
    known = {entry["file"]: entry for entry in json.loads(shared.read_bytes())["models"]}
    sources = [source for entry in known.values() for source in entry["sources"]]
    pinned = {(source["commit"], source["path"]): source["sha256"] for source in sources}
    for model in load().models.values():
        assert (model.sha256, model.bytes) == (known[model.file]["sha256"], known[model.file]["bytes"])
        ours = {(source.commit, source.path): source.sha256 for source in model.sources if source.repository}
        assert ours.items() <= pinned.items()
        assert {source.sha256 for source in model.sources} == set(ours.values())  # elsewhere lie the same files


def test_a_model_that_is_converted_says_from_which_files_and_pins_what_comes_of_it() -> None:
    for model in load().models.values():
        assert model.conversion is not None
        assert model.pins == (model.sha256, model.conversion.sha256)
        suffixes = FORMATS[model.conversion.source_format]
        assert all(source.bytes for source in model.sources if source.url.endswith(suffixes))


def test_only_models_of_chosen_recognisers_are_needed() -> None:
    everywhere = dict.fromkeys(load().recognition_models, "reidentification-256")
    assert "mobilefacenet-128" in load().needed()
    assert set(load().needed()) - set(load().choosing(everywhere).needed()) == {"mobilefacenet-128"}


def _set(*path: Any) -> Callable[[Document], None]:
    *way, last, value = path

    def change(document: Document) -> None:
        target: Any = document
        for key in way:
            target = target[key]
        target[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_set("schema", 2), "schema"),
        (_set("models", []), "manifest.models"),
        (_set("models", "yunet-2026may", "sha256", "abc"), "yunet-2026may.sha256"),
        (_set("models", "yunet-2026may", "file", "../yunet.onnx"), "yunet-2026may.file"),
        (_set("models", "yunet-2026may", "bytes", True), "yunet-2026may.bytes"),
        (_set("models", "yunet-2026may", "default", 1), "yunet-2026may.default"),
        (_set("models", "yunet-2026may", "sources", []), "yunet-2026may.sources"),
        (_set("models", "yunet-2026may", "inputs", "input", [0]), r"inputs.input\[0\]"),
        (_set("models", "aizoo-mask", "conversion", "from", "caffe"), "aizoo-mask.conversion.from"),
        (_set("models", "aizoo-mask", "conversion", "from", "openvino-ir"), r"not one \.xml file"),
        (_set("models", "aizoo-mask", "conversion", "sha256", "abc"), "aizoo-mask.conversion.sha256"),
        (_set("models", "aizoo-mask", "conversion", "names", "data_1", ""), "conversion.names.data_1"),
        (_set("models", "aizoo-mask", "sources", 0, "bytes", 0), r"sources\[0\].bytes"),
        (_set("templates", "A", "points", 0, [1]), r"templates.A.points\[0\]"),
        (_set("templates", "A", "points", [[1, 2]]), "templates.A.points"),
        (_set("detectors", "detection_02", "model", "nobody"), "detection_02.model"),
        (_set("detectors", "detection_02", "score", 1.5), "detection_02.score"),
        (_set("recognisers", "fused-384", "dimension", 300), "fused-384.dimension"),
        (_set("models", "mobilefacenet-128", "outputs", {"embedding": ["faces", 512]}), r"parts\[1\].dimension"),
        (_set("recognisers", "fused-384", "parts", 0, "weight", 0.9), "fused-384.parts"),
        (_set("recognisers", "fused-384", "parts", 0, "template", "Z"), r"parts\[0\].template"),
        (_set("recognisers", "fused-384", "parts", 1, "colours", "GRB"), r"parts\[1\].colours"),
        (_set("recognisers", "fused-384", "parts", 1, "std", [1, 0, 1]), r"parts\[1\].std\[1\]"),
        (_set("recognitionModels", "recognition_01", ["fused-384"]), "recognition_01"),
        (_set("alignment", "looks", 0, "size", 150), "alignment.looks"),
        (_set("mesh", {}), "mesh.model"),
    ],
)
def test_a_wrong_entry_is_reported_by_its_place(
    document: Document, change: Callable[[Document], None], place: str
) -> None:
    change(document)
    with pytest.raises(ManifestInvalid, match=place):
        parse(document)


def test_a_manifest_that_is_no_json_is_reported_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text("{")
    with pytest.raises(ManifestInvalid, match=r"manifest\.json"):
        load(file)
