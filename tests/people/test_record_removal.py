"""Records that go for good: what goes with each, what is noted of it, and when nothing is to be done."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.people.kinds import LARGE_FACE_LIST, PERSON_GROUP
from shared.people.records import Record
from shared.people.rights import Rights
from shared.store.expiries import Expiry
from shared.store.terms import Terms
from tests.clock import FakeClock
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def one(start: Callable[[], Instance]) -> Instance:
    return start()


@pytest.fixture
def ends(clock: FakeClock) -> Terms:
    return Terms(f"customer-{uuid.uuid4().hex}", None, clock() + HOUR)


def collection(one: Instance, kind: Any) -> str:
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(kind, key, "name", None, MODEL)
    return key


def person_of_a_group(one: Instance, terms: Terms) -> tuple[str, Record]:
    key = collection(one, PERSON_GROUP)
    person = one.services.persons.create(PERSON_GROUP, key, "a person", None, terms)
    one.stores.galleries.add_person_face(one.gallery(PERSON_GROUP, key), person, new_face(1), 9)
    return key, only_record(one, terms)


def face_of_a_list(one: Instance, terms: Terms) -> tuple[str, Record]:
    key = collection(one, LARGE_FACE_LIST)
    gallery = one.gallery(LARGE_FACE_LIST, key)
    agreed = one.services.persisted_faces._agreements.agreed(terms, gallery.key, f"{LARGE_FACE_LIST.path}|{key}")
    one.stores.galleries.add_face(gallery, new_face(1), NO_LIMIT, agreed)
    return key, only_record(one, terms)


def only_record(one: Instance, terms: Terms) -> Record:
    (record,) = one.services.privacy.records.of_subject(terms.subject or "").records
    return record


def announced(one: Instance, kind: str, key: str) -> list[Expiry]:
    coming = [found.expiry for found in one.stores.expiries.coming()]
    return [expiry for expiry in coming if (expiry.kind, expiry.key) == (kind, key)]


def end_of(one: Instance, record: Record) -> Expiry:
    (expiry,) = announced(one, "retention", f"{record.gallery.key}|{record.key}")
    return expiry


def is_there(one: Instance, record: Record) -> bool:
    return not one.stores.records.are_gone(record.gallery.key, record.key)


def noted(one: Instance) -> list[tuple[str, str, dict[str, list[str]]]]:
    chain = one.services.audit.anchor().chain
    entries = [json.loads(found.entry) for found in one.stores.audit_chains.entries(chain)]
    return [(one["kind"], one["operation"], one["ids"]) for one in entries if one["operation"] == "end"]


def test_person_whose_time_is_over_goes_and_that_is_noted(one: Instance, ends: Terms, clock: FakeClock) -> None:
    key, record = person_of_a_group(one, ends)
    removal, expiry = one.services.privacy.removal, end_of(one, record)
    clock.advance(HOUR.total_seconds() - 1)
    removal.end(expiry)
    assert is_there(one, record)
    clock.advance(1)
    removal.end(expiry)
    assert not is_there(one, record)
    removal.end(expiry)  # again: nothing is there
    told = {"personId": [record.person], "of": [f"{PERSON_GROUP.path}|{key}"]}
    assert noted(one) == [("deleting", "end", told), ("delete", "end", told)]
    assert announced(one, "departures", record.person) == []


def test_persons_who_go_give_back_their_room_in_the_group(one: Instance, ends: Terms) -> None:
    key = collection(one, PERSON_GROUP)
    for _ in range(5):
        one.services.persons.create(PERSON_GROUP, key, "a person", None, ends)
    room = sum(one.services.collections.get(PERSON_GROUP, key).granted)
    for record in one.services.privacy.records.of_subject(ends.subject or "").records:
        one.services.privacy.removal.remove(record)
    assert sum(one.services.collections.get(PERSON_GROUP, key).granted) < room


def test_face_whose_time_is_over_goes_and_that_is_noted(one: Instance, ends: Terms, clock: FakeClock) -> None:
    key, record = face_of_a_list(one, ends)
    expiry = end_of(one, record)
    clock.advance(HOUR.total_seconds())
    one.services.privacy.removal.end(expiry)
    assert not is_there(one, record)
    told = {"persistedFaceId": [record.face], "of": [f"{LARGE_FACE_LIST.path}|{key}"]}
    assert noted(one) == [("deleting", "end", told), ("delete", "end", told)]


def test_person_of_the_directory_leaves_its_groups(one: Instance, ends: Terms, clock: FakeClock) -> None:
    person, _ = one.services.directory.create("name", None, ends)
    one.services.dynamic_groups.create(group := f"g-{uuid.uuid4().hex}", "a group", None, [person])
    one.services.dynamic_groups.settle(group, one.services.dynamic_groups._row(group)["group"])
    record, expiry = only_record(one, ends), end_of(one, only_record(one, ends))
    assert one.stores.memberships.references(person, top=1)
    one.services.privacy.removal.remove(record)
    (departure,) = announced(one, "departures", person)
    assert clock() <= departure.due < clock() + timedelta(minutes=1)
    assert one.stores.memberships.references(person, top=1)
    one.services.privacy.removal.tidy(record)
    assert not one.stores.memberships.references(person, top=1)
    assert expiry.detail == record.of


def test_terms_that_have_changed_since_count(one: Instance, ends: Terms, clock: FakeClock) -> None:
    _, record = person_of_a_group(one, ends)
    expiry, rights = end_of(one, record), one.services.privacy.rights
    assert isinstance(rights, Rights)
    rights.agree(ends.subject, (), Terms(None, None, clock() + 2 * HOUR), frozenset())
    clock.advance(HOUR.total_seconds())
    one.services.privacy.removal.end(expiry)
    assert is_there(one, record)
    assert noted(one) == []


def test_what_went_with_its_collection_is_no_error(one: Instance, ends: Terms, clock: FakeClock) -> None:
    for make, kind in ((person_of_a_group, PERSON_GROUP), (face_of_a_list, LARGE_FACE_LIST)):
        key, record = make(one, Terms(f"customer-{uuid.uuid4().hex}", None, ends.retain_until))
        expiry = end_of(one, record)
        one.services.collections.delete(kind, key)
        one.services.privacy.removal.remove(record)
        one.services.privacy.removal.tidy(record)
        clock.advance(HOUR.total_seconds())
        one.services.privacy.removal.end(expiry)
        clock.advance(-HOUR.total_seconds())
    assert noted(one) == []


def test_removal_may_be_made_again(one: Instance) -> None:
    for make in (person_of_a_group, face_of_a_list):
        _, record = make(one, Terms(f"customer-{uuid.uuid4().hex}"))
        for _ in range(2):
            one.services.privacy.removal.remove(record)
        assert not is_there(one, record)
