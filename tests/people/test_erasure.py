"""The steps of an erasure one by one: what it leaves to do, what it waits for, and what its receipt says."""

import hashlib
import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import to_text
from shared.errors import ErasureNotFound
from shared.people.erasure import AGAIN
from shared.people.kinds import LARGE_FACE_LIST, PERSON_GROUP
from shared.people.liveness_kinds import LIVENESS
from shared.people.receipts import checked
from shared.people.records import Name
from shared.store.erasures import PROGRESS, SETTLED_AFTER
from shared.store.expiries import Expiry
from shared.store.sessions import Terms as SessionTerms
from shared.store.tables import StoreUnavailable
from shared.store.terms import Terms
from tests.clock import FakeClock
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def one(start: Callable[[], Instance]) -> Instance:
    return start()


@pytest.fixture
def sent(one: Instance, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What it sends to the queue."""
    messages: list[dict[str, str]] = []
    erasing = one.services.privacy.erasing
    monkeypatch.setattr(erasing._work, "send", lambda message: messages.append(dict(message)))
    return messages


@pytest.fixture
def subject() -> str:
    """One of the test's own."""
    return f"customer-{uuid.uuid4().hex}"


def enrolled(one: Instance, terms: Terms) -> Name:
    """A person of a group, with two faces."""
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(PERSON_GROUP, key, "name", None, MODEL)
    person = one.services.persons.create(PERSON_GROUP, key, "a person", None, terms)
    for seed in (1, 2):
        one.stores.galleries.add_person_face(one.gallery(PERSON_GROUP, key), person, new_face(seed), 9)
    return Name(PERSON_GROUP, key, person, None)


def face_of_a_list(one: Instance, terms: Terms) -> Name:
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_FACE_LIST, key, "name", None, MODEL)
    gallery = one.gallery(LARGE_FACE_LIST, key)
    agreed = one.services.persisted_faces._agreements.agreed(terms, gallery.key, f"{LARGE_FACE_LIST.path}|{key}")
    return Name(LARGE_FACE_LIST, key, None, one.stores.galleries.add_face(gallery, new_face(1), NO_LIMIT, agreed))


def announced(one: Instance, key: str) -> list[Expiry]:
    """The work that is to be looked after."""
    coming = [found.expiry for found in one.stores.expiries.coming()]
    return [expiry for expiry in coming if (expiry.kind, expiry.key) == (PROGRESS, key)]


def in_any_order(records: list[dict[str, object]]) -> list[str]:
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def test_receipt_names_everything_that_is_gone_and_the_audit_trail_has_its_digest(
    one: Instance, sent: list[dict[str, str]], subject: str, clock: FakeClock
) -> None:
    person, face = enrolled(one, Terms(subject)), face_of_a_list(one, Terms(subject))
    in_directory, _ = one.services.directory.create("in the directory", None, Terms(subject))
    session = one.services.liveness_sessions.create(LIVENESS, SessionTerms("Passive", 600, 1, subject=subject)).session
    erasing, asked = one.services.privacy.erasing, clock()
    key, held = erasing.begin(subject, ())
    assert (len(held.records), len(held.sessions)) == (3, 1)
    assert sent == [{"do": "forget", "erasure": key}]
    assert one.stores.sessions.is_gone(LIVENESS.path, session.session_id)
    expiry = announced(one, key)[0]
    clock.advance(SETTLED_AFTER.total_seconds() - 1)
    erasing.proceed(expiry)
    assert erasing.get(key.upper()).receipt is None
    clock.advance(1)
    erasing.proceed(expiry)
    found = erasing.get(key)
    assert found.finished == clock()
    told = checked(found.receipt or "", one.services.privacy.receipts.public_keys())
    assert in_any_order(told.pop("records")) == in_any_order(
        [
            {"personGroupId": person.collection, "personId": person.person, "faces": 2},
            {"largeFaceListId": face.collection, "persistedFaceId": face.face, "faces": 1},
            {"personId": in_directory, "faces": 0},
        ]
    )
    assert told == {
        "aud": "ownface:erasure-receipt",
        "jti": key,
        "iat": int(clock().timestamp()),
        "asked": to_text(asked),
        "gone": to_text(clock()),
        "subject": subject,
        "sessions": [{"kind": LIVENESS.path, "sessionId": session.session_id}],
    }
    chain = one.services.audit.anchor().chain
    noted = [json.loads(entry.entry) for entry in one.stores.audit_chains.entries(chain)]
    digest = hashlib.sha256((found.receipt or "").encode()).hexdigest()
    (receipt,) = [entry for entry in noted if entry.get("operation") == "receipt"]
    assert (receipt["kind"], receipt["ids"]) == ("delete", {"erasureId": [key], "sha256": [digest]})
    erasing.proceed(expiry)  # again: there is a receipt already
    assert erasing.get(key).receipt == found.receipt


def test_receipt_of_what_was_named_and_is_nobodys_names_no_subject(
    one: Instance, sent: list[dict[str, str]], clock: FakeClock
) -> None:
    erasing, name = one.services.privacy.erasing, enrolled(one, Terms())
    key, _ = erasing.begin(None, [name])
    assert len(sent) == 1
    assert not one.seeds(one.gallery(PERSON_GROUP, name.collection).key)
    clock.advance(SETTLED_AFTER.total_seconds())
    erasing.proceed(announced(one, key)[0])
    told = checked(erasing.get(key).receipt or "", one.services.privacy.receipts.public_keys())
    assert "subject" not in told
    assert (len(told["records"]), told["sessions"]) == (1, [])


@pytest.mark.parametrize("erasure", ["", "x", "../x", "6f0d1b1e-36a5-4b0e-9b5c-0d5f0c8f1a77"])
def test_erasure_that_nobody_asked_for_is_not_found(one: Instance, erasure: str) -> None:
    with pytest.raises(ErasureNotFound):
        one.services.privacy.erasing.get(erasure)


def test_erasure_that_is_forgotten_itself_is_nothing_to_go_on_with(one: Instance) -> None:
    key = str(uuid.uuid4())
    one.services.privacy.erasing.forget(key)
    one.services.privacy.erasing.proceed(Expiry("203105040302", PROGRESS, key, ""))


def test_queue_that_is_away_leaves_it_to_the_sweep(
    one: Instance, subject: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_: object) -> None:
        raise StoreUnavailable

    enrolled(one, Terms(subject))
    monkeypatch.setattr(one.services.privacy.erasing._work, "send", away)
    with caplog.at_level(logging.WARNING):
        key, _ = one.services.privacy.erasing.begin(subject, ())
    assert f"erasure {key} goes on with the sweep only" in caplog.text
    assert len(announced(one, key)) == 2


def test_background_clears_segments_and_what_came_back_and_leaves_a_finished_one_alone(
    one: Instance, sent: list[dict[str, str]], subject: str, clock: FakeClock
) -> None:
    name = enrolled(one, Terms(subject))
    gallery = one.gallery(PERSON_GROUP, name.collection)
    one.compaction.run(gallery.key)
    before = list(one.stores.segments.stored(gallery.key))
    key, held = one.services.privacy.erasing.begin(subject, ())
    traces = one.services.privacy.erasing._traces
    assert (len(sent), traces.of_records(held.records, subject)) == (1, ["an event", "a segment"])
    one.services.privacy.erasing.forget(key)
    assert traces.of_records(held.records, subject) == []
    assert list(one.stores.segments.stored(gallery.key)) != before
    clock.advance(SETTLED_AFTER.total_seconds())
    one.services.privacy.erasing.proceed(announced(one, key)[0])
    assert one.services.privacy.erasing.get(key).receipt


def test_receipt_waits_for_what_is_left_and_looks_again_two_minutes_later(
    one: Instance,
    sent: list[dict[str, str]],
    subject: str,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is left is a reference that somebody enters when everything was cleared."""
    erasing, name = one.services.privacy.erasing, enrolled(one, Terms(subject))
    session = one.services.liveness_sessions.create(LIVENESS, SessionTerms("Passive", 600, 1, subject=subject)).session
    gallery = one.gallery(PERSON_GROUP, name.collection)
    key, held = erasing.begin(subject, ())
    erasing.forget(key)
    assert len(sent) == 1
    (record,) = held.records
    places = (
        (gallery.key, record.key, record.of),
        ("sessions", f"{LIVENESS.path}|{session.session_id}", ""),
    )
    clock.advance(SETTLED_AFTER.total_seconds())
    for place in places:
        one.stores.subjects.enter(subject, *place)
        caplog.clear()
        due = announced(one, key)
        with caplog.at_level(logging.WARNING), monkeypatch.context() as cleared:
            cleared.setattr(erasing, "_forget", lambda _: None)
            erasing.proceed(due[0])
        assert f"erasure {key}: there is still a reference" in caplog.text
        assert erasing.get(key).receipt is None
        (again,) = set(announced(one, key)) - set(due)
        assert clock() + AGAIN <= again.due < clock() + AGAIN + timedelta(minutes=1)
        clock.advance(60)
        one.stores.subjects.leave(subject, *place[:2])
    assert timedelta(minutes=2) == AGAIN
    erasing.proceed(again)
    assert erasing.get(key).receipt
