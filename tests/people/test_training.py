"""What callers are told of a training that went another way than planned."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from shared.errors import PersonGroupTrainingNotFinished
from shared.people.kinds import PERSON_GROUP
from shared.services import Services
from tests.clock import FakeClock


@pytest.fixture
def group(domain: Services) -> Iterator[str]:
    key = uuid4().hex
    domain.collections.create(PERSON_GROUP, key, "name", None, "recognition_04")
    yield key
    domain.collections.delete(PERSON_GROUP, key)


def message(domain: Services, group: str) -> dict[str, str]:
    gallery = domain.collections.get(PERSON_GROUP, group).gallery.key
    return {"do": "train", "of": f"{PERSON_GROUP.path}|{group}", "gallery": gallery}


def test_group_is_locked_until_its_training_is_done(domain: Services, group: str) -> None:
    domain.training.start(PERSON_GROUP, group)
    for call in (
        lambda: domain.training.start(PERSON_GROUP, group),
        lambda: domain.persons.create(PERSON_GROUP, group, "name", None),
        lambda: domain.collections.update(PERSON_GROUP, group, "other", None),
    ):
        with pytest.raises(PersonGroupTrainingNotFinished):
            call()
    domain.background.run(message(domain, group))
    domain.persons.create(PERSON_GROUP, group, "name", None)
    assert domain.training.status(PERSON_GROUP, group).status == "succeeded"


def test_training_that_died_is_told_as_failed_and_stands_in_nobodys_way(
    domain: Services, group: str, clock: FakeClock
) -> None:
    domain.training.start(PERSON_GROUP, group)
    clock.advance(601)
    assert domain.training.status(PERSON_GROUP, group).status == "failed"
    domain.persons.create(PERSON_GROUP, group, "name", None)
    domain.training.start(PERSON_GROUP, group)
    assert domain.training.status(PERSON_GROUP, group).status == "notStarted"
    domain.background.run(message(domain, group))


def test_message_that_comes_again_changes_nothing(domain: Services, group: str, clock: FakeClock) -> None:
    domain.training.start(PERSON_GROUP, group)
    domain.background.run(message(domain, group))
    done = domain.training.status(PERSON_GROUP, group)
    clock.advance(5)
    domain.background.run(message(domain, group))
    domain.background.give_up(message(domain, group))
    assert domain.training.status(PERSON_GROUP, group) == done


def test_training_that_was_given_up_is_told_as_failed_and_keeps_the_last_success(
    domain: Services, group: str, clock: FakeClock
) -> None:
    domain.training.start(PERSON_GROUP, group)
    domain.background.run(message(domain, group))
    success = domain.training.status(PERSON_GROUP, group).last_success
    clock.advance(5)
    domain.training.start(PERSON_GROUP, group)
    domain.background.give_up(message(domain, group))
    told = domain.training.status(PERSON_GROUP, group)
    assert (told.status, told.last_success) == ("failed", success)
    assert told.message
