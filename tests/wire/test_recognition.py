"""Whom Verify, Identify and Find Similar are about: which combinations of fields say so, and which do not."""

import uuid
from typing import Any

import msgspec
import pytest

from shared.errors import (
    BadArgument,
    FaceError,
    IncompatibleIdentificationScopeParametersCombination,
    MissingIdentificationScopeParameters,
    PersonGroupIdAndLargePersonGroupIdBothNotNull,
    PersonGroupIdAndLargePersonGroupIdBothNull,
)
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP
from shared.people.recognition import CollectionScope, DirectoryScope, DynamicGroupScope, FacesScope
from shared.wire.operation import VERSIONS
from shared.wire.parsing import parse_body
from shared.wire.recognition import FindSimilarRequest, GroupRequest, IdentifyRequest, VerifyRequest

FACE = "b0f1c9d2-0f4e-4a52-9c1d-3e8f5a6b7c8d"
PERSON = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
LATER = VERSIONS[1:]

Fields = dict[str, Any]


def parsed(shape: Any, body: object) -> Any:
    return parse_body("application/json", False, msgspec.json.encode(body), {"application/json": shape})


def identify(**fields: object) -> Any:
    return parsed(IdentifyRequest, {"faceIds": [FACE], **fields})


def similar(**fields: object) -> Any:
    return parsed(FindSimilarRequest, {"faceId": FACE, **fields})


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        ({"personGroupId": "g"}, CollectionScope(PERSON_GROUP, "g")),
        ({"largePersonGroupId": "g"}, CollectionScope(LARGE_PERSON_GROUP, "g")),
        ({"dynamicPersonGroupId": "g"}, DynamicGroupScope("g")),
        ({"personIds": ["*"]}, DirectoryScope(None)),
        ({"personIds": [PERSON.upper()]}, DirectoryScope((PERSON,))),
        ({"personGroupId": "g", "largePersonGroupId": None, "personIds": None}, CollectionScope(PERSON_GROUP, "g")),
    ],
)
@pytest.mark.parametrize("version", LATER)
def test_identify_has_one_scope(fields: Fields, scope: object, version: str) -> None:
    assert identify(**fields).scope(version) == scope


@pytest.mark.parametrize(
    ("fields", "version", "error"),
    [
        ({}, "v1.0", PersonGroupIdAndLargePersonGroupIdBothNull),
        ({"personIds": ["*"]}, "v1.0", PersonGroupIdAndLargePersonGroupIdBothNull),
        ({"dynamicPersonGroupId": "g"}, "v1.0", PersonGroupIdAndLargePersonGroupIdBothNull),
        *(
            ({"personGroupId": "g", "largePersonGroupId": "h"}, version, PersonGroupIdAndLargePersonGroupIdBothNotNull)
            for version in VERSIONS
        ),
        *(({}, version, MissingIdentificationScopeParameters) for version in LATER),
        *(
            (
                {"personGroupId": "g", "personIds": ["*"]},
                version,
                IncompatibleIdentificationScopeParametersCombination,
            )
            for version in LATER
        ),
        (
            {"personGroupId": "g", "largePersonGroupId": "h", "dynamicPersonGroupId": "i"},
            "v1.2",
            IncompatibleIdentificationScopeParametersCombination,
        ),
        (
            {"dynamicPersonGroupId": "g", "personIds": [PERSON]},
            "v1.2",
            IncompatibleIdentificationScopeParametersCombination,
        ),
    ],
)
def test_identify_with_no_scope_or_several_is_refused_as_the_version_says(
    fields: Fields, version: str, error: type[FaceError]
) -> None:
    with pytest.raises(error):
        identify(**fields).scope(version)


def test_identify_in_v1_0_ignores_the_fields_of_later_versions() -> None:
    assert identify(personGroupId="g", personIds=["*"]).scope("v1.0") == CollectionScope(PERSON_GROUP, "g")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"faceIds": []}, "The length of faceIds is not in a valid range."),
        ({"faceIds": [FACE] * 11}, "The length of faceIds is not in a valid range."),
        ({"faceIds": ["x"]}, "Face ID is invalid."),
        ({"faceIds": None}, "Face ID is invalid."),
        ({"personGroupId": ""}, "Person group ID is invalid."),
        ({"personGroupId": "A"}, "Person group ID is invalid."),
        ({"personGroupId": "a\n"}, "Person group ID is invalid."),
        ({"personGroupId": "a" * 65}, "Person group ID is invalid."),
        ({"largePersonGroupId": 7}, "Large person group ID is invalid."),
        ({"dynamicPersonGroupId": "a b"}, "Dynamic person group ID is invalid."),
        ({"personIds": []}, "The length of personIds is not in a valid range."),
        ({"personIds": [PERSON] * 31}, "The length of personIds is not in a valid range."),
        ({"personIds": [PERSON, "*"]}, "Person ID is invalid."),
        ({"personIds": "*"}, "Person ID is invalid."),
        ({"maxNumOfCandidatesReturned": 0}, "The argument maxNumOfCandidatesReturned is not valid."),
        ({"maxNumOfCandidatesReturned": 101}, "The argument maxNumOfCandidatesReturned is not valid."),
        ({"maxNumOfCandidatesReturned": 1.5}, "The argument maxNumOfCandidatesReturned is not valid."),
        ({"confidenceThreshold": -0.1}, "The argument confidenceThreshold is not valid."),
        ({"confidenceThreshold": 1.1}, "The argument confidenceThreshold is not valid."),
        ({"confidenceThreshold": "high"}, "The argument confidenceThreshold is not valid."),
    ],
)
def test_identify_refuses_what_does_not_fit_in_the_contracts_words(fields: Fields, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        identify(**fields).scope("v1.2")
    assert refused.value.message == message


@pytest.mark.parametrize(("version", "default"), [("v1.0", 1), ("v1.0-preview", 1), *((v, 10) for v in VERSIONS[2:])])
def test_identify_returns_as_many_candidates_as_the_version_says(version: str, default: int) -> None:
    assert identify().limit(version) == default
    assert identify(maxNumOfCandidatesReturned=None).limit(version) == default
    assert identify(maxNumOfCandidatesReturned=7).limit(version) == 7


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        ({"faceIds": [FACE.upper()]}, FacesScope((FACE,))),
        ({"faceListId": "l"}, CollectionScope(FACE_LIST, "l")),
        ({"largeFaceListId": "l", "faceIds": None}, CollectionScope(LARGE_FACE_LIST, "l")),
    ],
)
def test_find_similar_has_one_scope(fields: Fields, scope: object) -> None:
    assert similar(**fields).scope() == scope


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "LargeFaceListId, faceListId and faceIds are all null."),
        (
            {"faceIds": [FACE], "faceListId": "l"},
            "2 or more of largeFaceListId, faceListId and faceIds are not null.",
        ),
        (
            {"faceListId": "l", "largeFaceListId": "m"},
            "2 or more of largeFaceListId, faceListId and faceIds are not null.",
        ),
        ({"faceIds": []}, "The length of faceIds is not in a valid range."),
        ({"faceIds": [FACE] * 1001}, "The length of faceIds is not in a valid range."),
        ({"faceListId": "A"}, "Face list ID is invalid."),
        ({"largeFaceListId": "A"}, "Large face list ID is invalid."),
        ({"faceIds": [FACE], "mode": "matchEverybody"}, "Mode is invalid."),
        (
            {"faceIds": [FACE], "maxNumOfCandidatesReturned": 1001},
            "The argument maxNumOfCandidatesReturned is not valid.",
        ),
        ({"faceId": "x"}, "Face ID is invalid."),
    ],
)
def test_find_similar_refuses_what_does_not_fit_in_the_contracts_words(fields: Fields, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        similar(**fields).scope()
    assert refused.value.message == message


@pytest.mark.parametrize("count", [0, 1, 1001])
def test_group_takes_two_to_a_thousand_faces(count: int) -> None:
    with pytest.raises(BadArgument, match="The length of faceIds is not in a valid range"):
        parsed(GroupRequest, {"faceIds": [FACE] * count})
    assert len(parsed(GroupRequest, {"faceIds": [FACE, FACE]}).face_ids) == 2


@pytest.mark.parametrize(
    ("fields", "about_a_person"),
    [
        ({"faceId1": FACE, "faceId2": FACE}, False),
        ({"faceId1": FACE, "faceId2": FACE, "faceId": FACE, "personId": PERSON}, False),
        ({}, False),
        ({"faceId1": None, "faceId2": None, "faceId": FACE, "personId": PERSON}, True),
        ({"faceId": FACE, "personId": PERSON, "personGroupId": "g"}, True),
        ({"personGroupId": "g"}, True),
    ],
)
def test_verify_is_about_a_person_where_no_second_face_is_named(fields: Fields, about_a_person: bool) -> None:
    assert parsed(VerifyRequest, fields).is_about_a_person is about_a_person


def test_verify_takes_the_person_of_the_group_that_is_named_or_of_the_directory() -> None:
    of_person = {"faceId": FACE, "personId": uuid.UUID(PERSON)}
    assert parsed(VerifyRequest, of_person | {"personGroupId": "g"}).group("v1.0") == CollectionScope(PERSON_GROUP, "g")
    large = parsed(VerifyRequest, of_person | {"largePersonGroupId": "g"})
    assert large.group("v1.2") == CollectionScope(LARGE_PERSON_GROUP, "g")
    for version in LATER:
        assert parsed(VerifyRequest, of_person).group(version) is None
    with pytest.raises(PersonGroupIdAndLargePersonGroupIdBothNull):
        parsed(VerifyRequest, of_person).group("v1.0")
    with pytest.raises(PersonGroupIdAndLargePersonGroupIdBothNotNull):
        parsed(VerifyRequest, of_person | {"personGroupId": "g", "largePersonGroupId": "h"}).group("v1.2")
