from typing import NoReturn

import pytest

from shared.wire.answers import Accepted, NoContent, Polled, Success, response, successes
from shared.wire.objects import WireObject

ROOT = "https://face.example.com/face/v1.2"


class Thing(WireObject):
    name: str
    note: str | None = None


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Thing, [Success(200, Thing)]),
        (list[Thing], [Success(200, list[Thing])]),
        (type(None), [Success(200, None)]),
        (NoContent, [Success(204, None)]),
        (Polled[Thing], [Success(200, Thing, ("Retry-After",))]),
        (Accepted[None], [Success(202, None, ("operation-Location", "Retry-After"))]),
        (Accepted[Thing], [Success(202, Thing, ("operation-Location", "Location", "Retry-After"))]),
        (Accepted[None] | None, [Success(202, None, ("operation-Location", "Retry-After")), Success(200, None)]),
        (NoReturn, []),
    ],
)
def test_return_type_declares_every_way_to_succeed(declared: object, expected: list[Success]) -> None:
    assert list(successes(declared)) == expected


def test_object_is_json_without_what_is_absent() -> None:
    answered = response(Thing("x"), lambda: ROOT)
    assert (answered.status_code, answered.get_body(), answered.mimetype) == (200, b'{"name":"x"}', "application/json")


def test_nothing_is_an_empty_body_that_no_client_reads_as_text() -> None:
    answered = response(None, lambda: ROOT)
    assert (answered.status_code, answered.get_body(), answered.mimetype) == (200, b"", "application/json")


def test_no_content_is_a_204_with_nothing_in_it() -> None:
    answered = response(NoContent(), lambda: ROOT)
    assert (answered.status_code, answered.get_body()) == (204, b"")


def test_accepted_work_is_followed_at_an_absolute_address_within_a_second() -> None:
    answered = response(Accepted(None, "persongroups/a b/training"), lambda: ROOT)
    assert (answered.status_code, answered.get_body()) == (202, b"")
    assert dict(answered.headers) == {
        "operation-Location": f"{ROOT}/persongroups/a%20b/training",
        "Retry-After": "1",
    }


def test_what_the_work_makes_has_an_address_of_its_own() -> None:
    answered = response(Accepted(Thing("x"), "operations/1", "persons/2"), lambda: ROOT)
    assert answered.headers["Location"] == f"{ROOT}/persons/2"
    assert answered.get_body() == b'{"name":"x"}'


def test_state_of_work_says_when_to_ask_again() -> None:
    answered = response(Polled(Thing("x")), lambda: ROOT)
    assert (answered.status_code, answered.headers["Retry-After"]) == (200, "1")


def test_address_is_not_looked_for_where_none_is_told() -> None:
    """Health answers without settings, and so without a public URL."""
    assert response(Thing("x"), lambda: pytest.fail("looked for")).status_code == 200
