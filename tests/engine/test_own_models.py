"""A recogniser of an owner's is data: a manifest entry and a file."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.engine import (
    Engine,
    Face,
    ManifestInvalid,
    ModelCorrupt,
    ModelLibrary,
    ModelsMissing,
    ModelUnsafe,
    Picture,
    UnknownModel,
    decode,
)
from shared.engine.align import chips
from shared.engine.geometry import similarity
from shared.engine.manifest import load
from shared.engine.own import joined
from shared.engine.refine import refined
from tests import own_models
from tests.engine import samples
from tests.own_models import ADAFACE, ARCFACE, Document, document, make

ROOT = Path(__file__).parents[2]
Feed = Callable[[NDArray[np.float32]], NDArray[np.float32]]
OPTIONAL = "optional_downloads_not_included_not_measured"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "own")


def chosen(folder: Path, recogniser: str = "arc") -> ModelLibrary:
    return ModelLibrary.find(own=folder, chosen={"recognition_04": recogniser})


def family() -> tuple[Picture, list[Face]]:
    picture = decode(samples.FAMILY.read_bytes())
    return picture, Engine(ModelLibrary.find()).detect(picture)


def by_hand(picture: Picture, faces: list[Face], feed: Feed) -> NDArray[np.float32]:
    """Templates of MobileFaceNet for 112-pixel chips that `feed` turns into its input."""
    library = ModelLibrary.find()
    template = library.manifest.templates["A"]
    settings = library.manifest.alignment
    points = refined(library.session(settings.model), 1, settings, picture, faces)
    aligned = chips(picture, [similarity(own, template.points) for own in points], template.size)
    tensor = feed(aligned.astype(np.float32)).transpose(0, 3, 1, 2)
    (vectors,) = library.session("mobilefacenet-128").run(["embedding"], {"input": np.ascontiguousarray(tensor)})
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize(
    ("fed", "feed"),
    [(ARCFACE, lambda chip: (chip - 127.5) / 127.5), (ADAFACE, lambda chip: (chip[..., ::-1] / 255 - 0.5) / 0.5)],
    ids=["arcface", "adaface"],
)
def test_an_arcface_style_file_is_fed_as_its_entry_says(tmp_path: Path, fed: Document, feed: Feed) -> None:
    engine = Engine(chosen(make(tmp_path, document(fed))))
    engine.warm()
    picture, faces = family()
    assert engine.embed(picture, faces, "recognition_04") == pytest.approx(by_hand(picture, faces, feed), abs=1e-5)
    assert engine.embed(picture, faces, "recognition_01").shape == (4, 384)


def test_a_file_that_takes_one_face_at_a_time_gives_the_same_templates(tmp_path: Path) -> None:
    single = document()
    single["models"]["arc-file"].update(inputs={"input": [1, 3, 112, 112]}, outputs={"embedding": [1, 128]})
    picture, faces = family()
    both = [
        Engine(chosen(make(tmp_path / name, content))).embed(picture, faces, "recognition_04")
        for name, content in (("single", single), ("several", document()))
    ]
    assert len(both[0]) == 4
    assert both[0] == pytest.approx(both[1], abs=1e-5)


def examples() -> Document:
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/own-models.md").read_text(), re.DOTALL)
    content: Document = json.loads(text)
    return content


@pytest.mark.parametrize("name", examples()["recognisers"])
def test_every_example_of_the_docs_is_an_entry_with_the_published_hash(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(examples()))
    manifest = joined(load(), tmp_path)
    (part,) = manifest.recognisers[name].parts
    model = manifest.models[part.model]
    known = json.loads((ROOT.parent / "shared/models/manifest.json").read_bytes())[OPTIONAL]
    assert (model.sha256, model.sources[0].url) in {(entry["sha256"], entry["url"]) for entry in known}
    assert (part.template.size, part.one_by_one) == (112, name == "sface")
    with pytest.raises(ModelsMissing, match=rf"{model.file}; looked in {re.escape(str(tmp_path))}"):
        chosen(tmp_path, name)


def test_an_owners_recogniser_may_use_our_models_and_templates(folder: Path) -> None:
    content = document()
    ours = {"model": "reidentification-0095", "weight": 0.5, "dimension": 256, "template": "B", **ARCFACE}
    part = {**content["recognisers"]["arc"]["parts"][0], "weight": 0.5}
    content["recognisers"]["arc"] = {"dimension": 384, "parts": [ours, part]}
    picture, faces = family()
    assert Engine(chosen(make(folder, content))).embed(picture, faces, "recognition_04").shape == (4, 384)


@pytest.mark.parametrize(("kind", "name"), [("model", "mobilefacenet-128"), ("recogniser", "fused-384")])
def test_an_owner_takes_none_of_our_names(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(ManifestInvalid, match=rf"{kind}s\.{name}"):
        joined(load(), make(tmp_path, document(ARCFACE, **{kind: name})))


def test_an_owner_redefines_none_of_our_templates(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match=r"templates\.A"):
        joined(load(), make(tmp_path, {**document(), "templates": {"A": {"size": 112, "points": [[1, 2]] * 5}}}))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(schema=2), "schema"),
        (lambda d: d.update(detectors={}), "detectors"),
        (lambda d: d["models"]["arc-file"].update(file="../arc.onnx"), "arc-file.file"),
        (
            lambda d: d["models"]["arc-file"].update(sources=[{"url": "ftp://x", "sha256": "0" * 64}]),
            r"sources\[0\].url",
        ),
        (lambda d: d["models"]["arc-file"].update(inputs={"input": ["n", 3, 128, 128]}), r"parts\[0\].template"),
        (lambda d: d["models"]["arc-file"].update(inputs={"input": [4, 3, 112, 112]}), r"parts\[0\].template"),
        (lambda d: d["models"]["arc-file"].update(outputs={"embedding": ["n", 512]}), r"parts\[0\].dimension"),
        (lambda d: d["recognisers"].update({"../arc": d["recognisers"].pop("arc")}), "its name"),
        (lambda d: d["recognisers"]["arc"]["parts"][0].update(std=[0, 1, 1]), r"std\[0\]"),
    ],
)
def test_a_wrong_entry_of_an_owner_is_reported_by_its_place(
    tmp_path: Path, change: Callable[[Document], None], place: str
) -> None:
    content = document()
    change(content)
    with pytest.raises(ManifestInvalid, match=place):
        joined(load(), make(tmp_path, content))


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match=re.escape(f"no manifest.json in {tmp_path}")):
        ModelLibrary.find(own=tmp_path)


def test_another_file_than_the_pinned_one_is_refused_before_it_is_parsed(folder: Path) -> None:
    (folder / "arc.onnx").write_bytes(b"no model")
    with pytest.raises(ModelCorrupt, match=r"arc\.onnx"):
        Engine(chosen(folder)).warm()


def test_a_pinned_file_that_is_no_model_is_told_as_such(folder: Path) -> None:
    content = document()
    (folder / "arc.onnx").write_bytes(b"no model")
    content["models"]["arc-file"]["sha256"] = own_models.sha256_of(folder / "arc.onnx")
    (folder / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(ModelUnsafe, match="no ONNX file"):
        Engine(chosen(folder)).warm()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"inputs": {"data": ["faces", 3, 112, 112]}}, "inputs.*'input'"),
        ({"outputs": {"embedding": ["faces", 512]}}, "outputs.*128"),
    ],
)
def test_an_entry_that_misdescribes_its_file_is_refused_with_what_is_right(
    tmp_path: Path, change: Document, text: str
) -> None:
    content = document()
    content["models"]["arc-file"].update(change)
    if "outputs" in change:
        content["recognisers"]["arc"].update(dimension=512)
        content["recognisers"]["arc"]["parts"][0].update(dimension=512)
    with pytest.raises(ManifestInvalid, match=text):
        Engine(chosen(make(tmp_path, content))).warm()


def test_an_unknown_recogniser_is_refused_with_those_that_there_are(folder: Path) -> None:
    with pytest.raises(UnknownModel, match="'nobody'; there are arc, fused-384, reidentification-256"):
        chosen(folder, "nobody")


def test_what_changes_a_template_changes_the_id_that_is_stored_with_it(tmp_path: Path) -> None:
    ids = [
        joined(load(), make(tmp_path / str(number), content)).recognisers["arc"].id
        for number, content in enumerate([document(), document(), document(ADAFACE)])
    ]
    assert ids[0] == ids[1] != ids[2]
    assert all(re.fullmatch(r"arc\.[0-9a-f]{12}", one) for one in ids)


def test_our_recognisers_make_the_templates_that_are_stored_under_their_ids() -> None:
    """Whoever changes what makes them has to give them another id."""
    ours = {recogniser.id: recogniser.fingerprint for recogniser in load().recognisers.values()}
    assert ours == {"fused-384": "e41427a9b5db", "reidentification-256": "f0bc57ce0766"}
