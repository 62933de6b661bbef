"""The rows that terms make: names and order of them are what other processes, and older releases, go by."""

from datetime import UTC, datetime, timedelta

from shared.store import terms
from shared.store.ids import GalleryId
from shared.store.tables import Delete, Insert
from shared.store.terms import Terms

GALLERY = GalleryId("a-gallery")
PERSON, FACE = "0a0b0c0d-0000-4000-8000-000000000001", "0a0b0c0d-0000-4000-8000-000000000002"
RECORD = terms.person_record(PERSON)
ENDS = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
END_KEY = f"l|{9_999_999_999 - int(ENDS.timestamp()):010d}|p|{PERSON}"
EVERYTHING = Terms("customer-17", "consent/1", ENDS)
ROW = {"subject": "customer-17", "consent": "consent/1", "retainUntil": "2031-05-04T03:02:01.000Z"}


def test_record_is_named_by_its_person_or_by_model_and_face() -> None:
    face = terms.face_record("recognition_04", FACE)
    assert (RECORD, face) == (f"p|{PERSON}", f"f||recognition_04|{FACE}")
    assert terms.ids_of(RECORD) == (PERSON, "")
    assert terms.ids_of(face) == ("", FACE)


def test_hidden_are_the_faces_and_the_persons_each_by_themselves() -> None:
    faces, persons = terms.hidden({RECORD, terms.face_record("recognition_04", FACE)})
    assert {found.hex() for found in faces} == {FACE.replace("-", "")}
    assert {found.hex() for found in persons} == {PERSON.replace("-", "")}
    assert terms.hidden(set()) == (frozenset(), frozenset())


def test_columns_say_what_was_agreed_and_nothing_of_what_was_not() -> None:
    assert terms.columns(EVERYTHING) == ROW
    assert terms.columns(Terms(consent="consent/1")) == {"consent": "consent/1"}
    assert terms.columns(terms.UNSAID) == {}
    assert set(terms.TERMS) == {*ROW, "restricted"}


def test_row_says_again_what_was_agreed_and_an_empty_column_is_a_term_taken_back() -> None:
    assert terms.read(ROW) == EVERYTHING
    assert terms.read({}) == terms.read(dict.fromkeys(ROW, "")) == Terms(None, None, None)


def test_record_about_which_nothing_was_agreed_is_announced_to_nobody() -> None:
    assert terms.NOTHING.terms == terms.UNSAID
    assert terms.NOTHING.announce(RECORD) is None  # type: ignore[func-returns-value]


def test_restriction_is_since_when_its_column_says() -> None:
    assert terms.restricted_since({"restricted": "2031-05-04T03:02:01.000Z"}) == ENDS
    assert terms.restricted_since({}) is None
    assert terms.restricted_since({"restricted": ""}) is None


def test_record_is_over_from_the_second_that_it_ends_and_never_without_an_end() -> None:
    assert not terms.is_over(ROW, ENDS - timedelta(milliseconds=1))
    assert terms.is_over(ROW, ENDS)
    assert terms.is_over(ROW, ENDS + timedelta(days=1))
    assert not terms.is_over({"subject": "customer-17"}, ENDS)


def test_row_of_an_end_is_found_from_the_second_on_that_it_tells() -> None:
    row = terms.end_row(GALLERY, RECORD, ENDS)
    assert row == {"PartitionKey": GALLERY, "RowKey": END_KEY}
    assert terms.record_that_ends(row["RowKey"]) == RECORD
    assert terms.first_that_is_over(ENDS - timedelta(seconds=1)) > row["RowKey"]
    assert terms.first_that_is_over(ENDS) < row["RowKey"] < terms.RESTRICTIONS


def test_end_of_a_face_is_found_under_its_whole_name() -> None:
    face = terms.face_record("recognition_04", FACE)
    assert terms.record_that_ends(terms.end_row(GALLERY, face, ENDS)["RowKey"]) == face


def test_seconds_have_ten_digits_whenever_it_is() -> None:
    """Keys are compared as text."""
    late = datetime(2286, 11, 20, 17, 46, 0, tzinfo=UTC)
    assert terms.end_row(GALLERY, RECORD, late)["RowKey"].startswith("l|0000000039|")
    assert terms.first_that_is_over(late) == "l|0000000039"


def test_end_is_written_with_the_record_and_goes_with_it_as_its_restriction_does() -> None:
    assert terms.written_with(GALLERY, RECORD, EVERYTHING) == [Insert(terms.end_row(GALLERY, RECORD, ENDS))]
    assert terms.written_with(GALLERY, RECORD, Terms("customer-17")) == []
    assert terms.gone_with(GALLERY, RECORD, ROW) == [Delete(GALLERY, END_KEY)]
    assert terms.gone_with(GALLERY, RECORD, {"restricted": "2031-05-04T03:02:01.000Z"}) == [
        Delete(GALLERY, f"x|{RECORD}")
    ]
    assert terms.gone_with(GALLERY, RECORD, {"subject": "customer-17", "restricted": ""}) == []
