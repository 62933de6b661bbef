from typing import NoReturn

import pytest

from shared.wire.answers import Accepted, NoContent, Polled, Success, TextFile, response, successes, unchanged
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
        (TextFile, [Success(200, bytes, media="text/*"), Success(304, None)]),
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


FILE = TextFile(b"let x;", "text/javascript", "abc", {"X-Thing": "y"})


def test_file_is_sent_as_it_is_with_a_mark_to_know_it_by() -> None:
    answered = response(FILE, lambda: ROOT)
    assert (answered.status_code, answered.get_body(), answered.mimetype) == (200, b"let x;", "text/javascript")
    assert dict(answered.headers) == {"X-Thing": "y", "ETag": '"abc"', "Cache-Control": "no-cache"}


@pytest.mark.parametrize(
    ("known", "status"), [("", 200), ('"abd"', 200), ("abc", 200), ('"abc"', 304), ('"x", W/"abc"', 304)]
)
def test_file_that_the_caller_has_is_not_sent_again(known: str, status: int) -> None:
    answered = unchanged(response(FILE, lambda: ROOT), known)
    assert answered.status_code == status
    assert answered.get_body() == (b"" if status == 304 else b"let x;")
    assert answered.headers["ETag"] == '"abc"'


def test_answer_without_a_mark_is_always_sent() -> None:
    assert unchanged(response(Thing("x"), lambda: ROOT), '"abc"').status_code == 200


def test_address_is_not_looked_for_where_none_is_told() -> None:
    """Health answers without settings, and so without a public URL."""
    assert response(Thing("x"), lambda: pytest.fail("looked for")).status_code == 200
