"""Which recogniser stands behind a recognition model is the owner's to change; what it made before is never mixed with
what another makes. Real storage, real models."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.engine import ModelsMissing, Picture, UnknownModel, decode
from shared.errors import BadArgument, PersistedFaceNotFound
from shared.people.kinds import FACE_LIST, PERSON_GROUP
from shared.people.recognition import CollectionScope, DirectoryScope, FacesScope
from shared.services import Services
from shared.settings import Settings, SettingsError
from tests import faces
from tests.clock import FakeClock
from tests.own_models import ADAFACE, SHARED_MODELS, calibrate, document, make

MODEL, OTHER = "recognition_04", "recognition_03"
INCOMPATIBLE = "'recognitionModel' is incompatible"
Build = Callable[..., Services]


@pytest.fixture
def build(settings: Settings, clock: FakeClock) -> Build:
    """A process on the same storage, with these recognisers behind recognition models."""

    def build(own: Path | None = None, **chosen: str) -> Services:
        return Services.build(replace(settings, own_models_dir=own, recognition_models=chosen), clock)

    return build


@pytest.fixture(scope="module")
def dad() -> Picture:
    return decode((faces.folder("azure") / "images/Family1-Dad1.jpg").read_bytes())


def face_id(services: Services, picture: Picture, model: str = MODEL) -> str:
    found = services.engine.detect(picture, limit=1)
    return services.transient_faces.enrol(picture, found, model, timedelta(hours=1))[0]


def enrol(services: Services, picture: Picture) -> str:
    """Into the list `old` and into the group `old`, which is trained: the person there."""
    services.collections.create(FACE_LIST, "old", "old", None, MODEL)
    services.collections.create(PERSON_GROUP, "old", "old", None, MODEL)
    person = services.persons.create(PERSON_GROUP, "old", "Dad", None)
    add(services, picture)
    add(services, picture, person)
    services.training.start(PERSON_GROUP, "old")
    gallery = services.collections.get(PERSON_GROUP, "old").gallery.key
    services.training.run(f"{PERSON_GROUP.path}|old", gallery)
    return person


def add(services: Services, picture: Picture, person: str | None = None) -> None:
    kind = FACE_LIST if person is None else PERSON_GROUP
    services.persisted_faces.add(kind, "old", person, picture, None, "detection_03", None)


@pytest.fixture
def cleared(domain: Services) -> Services:
    for kind in (FACE_LIST, PERSON_GROUP):
        for collection in domain.collections.list(kind):
            domain.collections.delete(kind, collection.id)
    return domain


def test_a_collection_keeps_its_recogniser_when_the_name_is_mapped_anew(
    cleared: Services, build: Build, dad: Picture
) -> None:
    person, before = enrol(cleared, dad), face_id(cleared, dad)
    mapped = build(recognition_04="reidentification-256")
    after = face_id(mapped, dad)
    group, scope = CollectionScope(PERSON_GROUP, "old"), CollectionScope(FACE_LIST, "old")
    for ask in (
        lambda face: mapped.recognition.find_similar(face, scope, "matchFace", 10),
        lambda face: mapped.recognition.identify([face], group, 1, 0.0),
        lambda face: [mapped.recognition.verify_person(face, PERSON_GROUP, "old", person)],
    ):
        with pytest.raises(BadArgument, match=INCOMPATIBLE):
            ask(after)
        assert len(ask(before)) == 1  # what the old one made goes on among its like
    assert mapped.recognition.verify_person(before, PERSON_GROUP, "old", person).confidence > 0.9


def test_nothing_of_another_recogniser_is_enrolled_into_a_collection(
    cleared: Services, build: Build, dad: Picture
) -> None:
    person = enrol(cleared, dad)
    mapped = build(recognition_04="reidentification-256")
    for owner in (None, person):
        with pytest.raises(BadArgument, match=INCOMPATIBLE):
            add(mapped, dad, owner)
    assert len(mapped.persisted_faces.list(FACE_LIST, "old", "", None)) == 1
    assert len(mapped.persons.get(PERSON_GROUP, "old", person).face_ids) == 1
    add(cleared, dad)
    assert len(mapped.persisted_faces.list(FACE_LIST, "old", "", None)) == 2


def test_a_collection_made_after_the_change_takes_the_new_recogniser_only(
    cleared: Services, build: Build, dad: Picture
) -> None:
    mapped = build(recognition_04="reidentification-256")
    enrol(mapped, dad)
    scope = CollectionScope(FACE_LIST, "old")
    with pytest.raises(BadArgument, match=INCOMPATIBLE):
        cleared.recognition.find_similar(face_id(cleared, dad), scope, "matchFace", 10)
    (found,) = mapped.recognition.find_similar(face_id(mapped, dad), scope, "matchPerson", 10)
    assert found.confidence > 0.9


def test_face_ids_of_two_recognisers_never_compare(domain: Services, build: Build, dad: Picture) -> None:
    mapped = build(recognition_04="reidentification-256")
    one, other = face_id(domain, dad), face_id(mapped, dad)
    asks: list[Callable[[Services], object]] = [
        lambda asked: asked.recognition.verify_faces(one, other),
        lambda asked: asked.recognition.find_similar(one, FacesScope((other,)), "matchFace", 10),
        lambda asked: asked.recognition.group([one, other]),
    ]
    for services in (domain, mapped):
        for ask in asks:
            with pytest.raises(BadArgument, match=INCOMPATIBLE):
                ask(services)


def test_one_recogniser_under_two_names_does_not_compare_either(build: Build, dad: Picture) -> None:
    mapped = build(recognition_03="reidentification-256", recognition_04="reidentification-256")
    with pytest.raises(BadArgument, match=INCOMPATIBLE):
        mapped.recognition.verify_faces(face_id(mapped, dad, MODEL), face_id(mapped, dad, OTHER))


def test_a_person_of_the_directory_is_compared_within_one_recogniser_only(
    domain: Services, build: Build, dad: Picture
) -> None:
    mapped = build(recognition_04="reidentification-256")
    people = [services.directory.create("Dad", None)[0] for services in (domain, mapped)]
    for services, person in zip((domain, mapped), people, strict=True):
        services.directory.add_face(person, MODEL, dad, None, "detection_03", None)
    probe, scope = face_id(mapped, dad), DirectoryScope(tuple(people))
    (answer,) = mapped.recognition.identify([probe], scope, 10, 0.0)
    assert [candidate.person_id for candidate in answer.candidates] == [people[1]]
    with pytest.raises(PersistedFaceNotFound):
        mapped.recognition.verify_directory_person(probe, people[0])
    mapped.directory.add_face(people[0], MODEL, dad, None, "detection_03", None)
    assert mapped.recognition.verify_directory_person(probe, people[0]).confidence > 0.9
    assert mapped.recognition.verify_directory_person(face_id(domain, dad), people[0]).confidence > 0.9


def test_an_owners_recogniser_serves_detect_verify_and_lists(
    cleared: Services, build: Build, dad: Picture, tmp_path: Path
) -> None:
    services = build(calibrate(make(tmp_path / "own")), recognition_04="arc")
    services.readiness.check()
    enrol(services, dad)
    (found,) = services.recognition.find_similar(
        face_id(services, dad), CollectionScope(FACE_LIST, "old"), "matchFace", 9
    )
    assert found.confidence == 1.0
    mum = decode((faces.folder("azure") / "images/Family1-Mom1.jpg").read_bytes())
    verdict = services.recognition.verify_faces(face_id(services, dad), face_id(services, mum))
    assert not verdict.identical
    assert face_id(cleared, dad, OTHER)


def test_another_normalisation_under_the_same_name_is_another_recogniser(
    build: Build, dad: Picture, tmp_path: Path
) -> None:
    first = build(calibrate(make(tmp_path / "one")), recognition_04="arc")
    second = build(calibrate(make(tmp_path / "two", document(ADAFACE))), recognition_04="arc")
    with pytest.raises(BadArgument, match=INCOMPATIBLE):
        second.recognition.verify_faces(face_id(first, dad), face_id(second, dad))


def test_faces_of_a_recogniser_that_is_there_no_more_are_refused(
    domain: Services, build: Build, dad: Picture, tmp_path: Path
) -> None:
    services = build(calibrate(make(tmp_path)), recognition_04="arc")
    one, other = face_id(services, dad), face_id(services, dad)
    assert services.recognition.verify_faces(one, other).identical
    for ask in (
        lambda: domain.recognition.verify_faces(one, other),
        lambda: domain.recognition.find_similar(one, FacesScope((other,)), "matchFace", 10),
        lambda: domain.recognition.group([one, other]),
        lambda: domain.recognition.identify([one], DirectoryScope(None), 1, None),
    ):
        with pytest.raises(BadArgument, match=INCOMPATIBLE):
            ask()


def test_a_recogniser_without_calibration_is_refused_at_the_start(build: Build, tmp_path: Path) -> None:
    make(tmp_path)
    build(tmp_path)  # nobody asks for it
    with pytest.raises(SettingsError, match="FACE_RECOGNITION_MODELS: the recogniser 'arc' has no calibration"):
        build(tmp_path, recognition_01="arc")


def test_a_calibration_made_before_the_file_was_changed_is_refused_at_the_start(build: Build, tmp_path: Path) -> None:
    calibrate(make(tmp_path))
    make(tmp_path, document(ADAFACE))
    with pytest.raises(SettingsError, match="made of other templates"):
        build(tmp_path, recognition_01="arc")


def test_a_recogniser_that_there_is_not_is_refused_at_the_start(build: Build) -> None:
    with pytest.raises(UnknownModel, match="fused-384"):
        build(recognition_02="nobody")


def test_no_model_of_a_recogniser_that_is_not_chosen_has_to_be_there(
    settings: Settings, clock: FakeClock, dad: Picture, tmp_path: Path
) -> None:
    """Such as the one that was trained on a data set that its publisher withdrew."""
    for file in SHARED_MODELS.glob("*.onnx"):
        if "mobilefacenet" not in file.name:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelsMissing, match="mobilefacenet"):
        Services.build(replace(settings, models_dir=tmp_path), clock)
    everywhere = {f"recognition_0{number}": "reidentification-256" for number in range(1, 5)}
    services = Services.build(replace(settings, models_dir=tmp_path, recognition_models=everywhere), clock)
    services.readiness.check()
    assert services.recognition.verify_faces(face_id(services, dad), face_id(services, dad)).identical
