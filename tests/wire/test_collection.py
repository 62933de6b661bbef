"""What collections and persons are made and changed with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from shared.errors import BadArgument
from shared.people.training import TrainingStatus
from shared.wire.collection import (
    NEVER,
    CollectionPage,
    DynamicGroupChanges,
    NamedChanges,
    NewCollection,
    NewDynamicGroup,
    training_result,
)
from shared.wire.parsing import parse_body, parse_query
from shared.wire.persisted_face import AddFaceQuery, FaceChanges

EMPTY = "'name' is empty."
LONG = "'name' is too long."
DATA = "'userData' is too long."
BOTH = "Both 'name' and 'userData' are empty."
PERSON = "Person ID is invalid."
MADE = datetime(2024, 3, 5, 11, 11, 33, 518_000, UTC)


def parsed(shape: Any, body: object) -> Any:
    return parse_body("application/json", False, msgspec.json.encode(body), {"application/json": shape})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, EMPTY),
        ({"name": None}, EMPTY),
        ({"name": ""}, EMPTY),
        ({"name": "n" * 129}, LONG),
        ({"name": 7}, "Invalid argument name."),
        ({"name": "n", "userData": "u" * 16385}, DATA),
        ({"name": "n", "userData": {}}, "Invalid argument userData."),
        ({"name": "n", "recognitionModel": "recognition_05"}, "'recognitionModel' is invalid."),
    ],
)
def test_new_collection_that_does_not_fit_is_refused_in_the_contracts_words(body: object, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parsed(NewCollection, body)
    assert refused.value.message == message


def test_limits_are_inclusive_and_count_characters_not_bytes() -> None:
    made = parsed(NewCollection, {"name": "😀" * 128, "userData": "ü" * 16384, "recognitionModel": None, "more": 1})
    assert (len(made.name), len(made.user_data), made.recognition_model) == (128, 16384, None)


@pytest.mark.parametrize(
    ("shape", "body", "message"),
    [
        (NamedChanges, {}, BOTH),
        (NamedChanges, {"name": None, "userData": None}, BOTH),
        (NamedChanges, {"name": ""}, EMPTY),
        (NamedChanges, {"name": "n" * 129}, LONG),
        (NamedChanges, {"userData": "u" * 16385}, DATA),
        (DynamicGroupChanges, {}, BOTH),
        (DynamicGroupChanges, {"addPersonIds": ["x"]}, PERSON),
        (DynamicGroupChanges, {"removePersonIds": "*"}, PERSON),
        (NewDynamicGroup, {"name": "n", "addPersonIds": []}, "The length of addPersonIds is not in a valid range."),
        (FaceChanges, {"userData": "u" * 1025}, DATA),
    ],
)
def test_changes_that_do_not_fit_are_refused_in_the_contracts_words(shape: Any, body: object, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parsed(shape, body)
    assert refused.value.message == message


def test_user_data_can_be_emptied_and_null_leaves_it() -> None:
    assert parsed(NamedChanges, {"userData": ""}) == NamedChanges(user_data="")
    assert parsed(NamedChanges, {"name": "n", "userData": None}).user_data is None


def test_change_of_persons_alone_is_a_change() -> None:
    assert parsed(DynamicGroupChanges, {"removePersonIds": []}).remove_person_ids == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"start": "s" * 65}, "'start' is too long."),
        ({"top": "0"}, "'top' is invalid."),
        ({"top": "1001"}, "'top' is invalid."),
        ({"top": "ten"}, "'top' is invalid."),
        ({"top": "1.5"}, "'top' is invalid."),
        ({"top": "1,2"}, "'top' is invalid."),
        ({"returnRecognitionModel": "2"}, "Invalid argument returnRecognitionModel."),
    ],
)
def test_page_that_does_not_fit_is_refused_in_the_contracts_words(query: dict[str, str], message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parse_query(query, CollectionPage)
    assert refused.value.message == message


def test_page_begins_at_the_first_and_holds_a_thousand() -> None:
    assert parse_query({}, CollectionPage) == CollectionPage(start="", top=1000, return_recognition_model=False)
    assert parse_query({"start": "s" * 64, "top": "1"}, CollectionPage).top == 1


@pytest.mark.parametrize(
    "text", ["1,2,3", "1,2,3,4,5", "1,2,3,x", "1;2;3;4", "-1,2,3,4", "1.5,2,3,4", "9" * 10 + ",1,1,1"]
)
def test_target_face_that_is_no_rectangle_is_refused(text: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parse_query({"targetFace": text}, AddFaceQuery)
    assert refused.value.message == "Invalid argument targetFace."


def test_target_face_is_left_top_width_height() -> None:
    target = parse_query({"targetFace": "1,20,300,4000"}, AddFaceQuery).target
    assert (target.left, target.top, target.width, target.height) == (1, 20, 300, 4000)
    assert parse_query({}, AddFaceQuery).target is None


def test_face_user_data_of_the_query_has_the_faces_limit() -> None:
    assert len(parse_query({"userData": "u" * 1024}, AddFaceQuery).user_data) == 1024
    with pytest.raises(BadArgument, match="'userData' is too long"):
        parse_query({"userData": "u" * 1025}, AddFaceQuery)


def status(last_success: datetime | None) -> TrainingStatus:
    return TrainingStatus("notStarted", MADE, MADE + timedelta(seconds=1), last_success, None)


@pytest.mark.parametrize("version", ["v1.0", "v1.0-preview"])
def test_oldest_versions_spell_a_training_that_waits_their_way_and_leave_out_a_success_that_never_was(
    version: str,
) -> None:
    told = msgspec.to_builtins(training_result(status(None), version))
    assert told == {
        "status": "nonstarted",
        "createdDateTime": "2024-03-05T11:11:33.518Z",
        "lastActionDateTime": "2024-03-05T11:11:34.518Z",
    }


def test_later_versions_require_a_time_of_success_even_where_there_was_none() -> None:
    told = training_result(status(None), "v1.1-preview.1")
    assert (told.status, told.last_successful_training_date_time) == ("notStarted", NEVER)
    assert training_result(status(MADE), "v1.2").last_successful_training_date_time == "2024-03-05T11:11:33.518Z"
