"""What a session may be made with: as the contract says, as clients write it, and in which version."""

import json
from typing import Any

import pytest

from shared.errors import (
    BadArgument,
    FaceError,
    InvalidDeviceCorrelationId,
    InvalidLivenessOperationMode,
    InvalidRequestBody,
    InvalidTokenLifetime,
)
from shared.store.sessions import Terms
from shared.wire.new_session import NewSession, NewVerifySession, terms
from shared.wire.objects import JSON
from shared.wire.parsing import parse_body

LEAST = {"livenessOperationMode": "Passive", "deviceCorrelationId": "d"}
EVERYTHING = LEAST | {
    "livenessOperationMode": "PassiveActive",
    "sendResultsToClient": True,
    "authTokenTimeToLiveInSeconds": 60,
    "enableSessionImage": True,
    "livenessSingleModalModel": "2023-12-20-preview.06",
    "livenessModelVersion": "2024-11-15",
    "numberOfClientAttemptsAllowed": 2,
    "userCorrelationId": "u",
    "expectedClientIpAddress": "192.0.2.0/24",
    "returnVerifyImageHash": True,
    "verifyConfidenceThreshold": 0.25,
}


def parsed(body: object) -> NewVerifySession:
    read: NewVerifySession = parse_body(JSON, False, json.dumps(body).encode(), {JSON: NewVerifySession})
    return read


def agreed(version: str, **body: Any) -> Terms:
    return terms(parsed(LEAST | body), version)


def test_least_that_is_asked_for_gets_the_contracts_defaults() -> None:
    for version, attempts, model in (
        ("v1.1-preview.1", 3, None),
        ("v1.2-preview.1", 3, None),
        ("v1.2", 3, "2024-11-15"),
        ("v1.3-preview.1", 1, "2024-11-15"),
    ):
        goes_on = version in {"v1.1-preview.1", "v1.2-preview.1"}
        expected = Terms("Passive", 600, attempts, device_correlation_id="d", model=model, goes_on=goes_on)
        assert agreed(version) == expected


def test_a_version_takes_what_it_has() -> None:
    common = {"device_correlation_id": "d", "mode": "PassiveActive", "token_seconds": 60}
    verify = {"return_verify_image_hash": True, "verify_threshold": 0.25}
    preview = {"send_results_to_client": True, "goes_on": True, "model": "2023-12-20-preview.06"}
    first = Terms(**common, **preview, attempts=3)  # type: ignore[arg-type]
    assert agreed("v1.1-preview.1", **EVERYTHING) == first
    second = Terms(
        **common,  # type: ignore[arg-type]
        **verify,  # type: ignore[arg-type]
        **preview,  # type: ignore[arg-type]
        attempts=3,
        keep_image=True,
    )
    assert agreed("v1.2-preview.1", **EVERYTHING) == second
    third = Terms(**common, **verify, attempts=3, model="2024-11-15", keep_image=True)  # type: ignore[arg-type]
    assert agreed("v1.2", **EVERYTHING) == third
    fourth = Terms(
        **common,  # type: ignore[arg-type]
        **verify,  # type: ignore[arg-type]
        attempts=2,
        model="2024-11-15",
        keep_image=True,
        user_correlation_id="u",
        client_address="192.0.2.0/24",
    )
    assert agreed("v1.3-preview.1", **EVERYTHING) == fourth


def test_session_without_verify_has_no_terms_of_it() -> None:
    read = parse_body(JSON, False, json.dumps(EVERYTHING).encode(), {JSON: NewSession})
    assert terms(read, "v1.2").verify_threshold is None
    assert not terms(read, "v1.2").return_verify_image_hash


def test_texts_stand_for_booleans_and_numbers_and_the_mode_is_of_any_case() -> None:
    read = agreed(
        "v1.2",
        livenessOperationMode="passiveactive",
        enableSessionImage="true",
        authTokenTimeToLiveInSeconds="86400",
        verifyConfidenceThreshold="0.7",
        returnVerifyImageHash="false",
    )
    assert (read.mode, read.keep_image, read.token_seconds) == ("PassiveActive", True, 86400)
    assert (read.verify_threshold, read.return_verify_image_hash) == (0.7, False)


def test_null_is_absent() -> None:
    nothing = dict.fromkeys(set(EVERYTHING) - set(LEAST))
    assert agreed("v1.2", **nothing) == agreed("v1.2")


def test_client_may_be_left_to_say_which_device_and_user_it_is() -> None:
    read = agreed(
        "v1.3-preview.1",
        deviceCorrelationId=None,
        deviceCorrelationIdSetInClient=True,
        userCorrelationIdSetInClient=True,
    )
    assert (read.device_correlation_id, read.device_correlation_id_set_in_client) == (None, True)
    assert (read.user_correlation_id, read.user_correlation_id_set_in_client) == (None, True)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"livenessOperationMode": None}, InvalidLivenessOperationMode),
        ({"livenessOperationMode": "Active"}, InvalidLivenessOperationMode),
        ({"livenessOperationMode": ""}, InvalidLivenessOperationMode),
        ({"livenessOperationMode": 1}, InvalidLivenessOperationMode),
        ({"deviceCorrelationId": None}, InvalidDeviceCorrelationId),
        ({"deviceCorrelationId": ""}, InvalidDeviceCorrelationId),
        ({"deviceCorrelationId": "d" * 65}, InvalidDeviceCorrelationId),
        ({"deviceCorrelationId": 5}, InvalidDeviceCorrelationId),
        ({"deviceCorrelationIdSetInClient": True}, InvalidDeviceCorrelationId),
        ({"authTokenTimeToLiveInSeconds": 59}, InvalidTokenLifetime),
        ({"authTokenTimeToLiveInSeconds": 86401}, InvalidTokenLifetime),
        ({"authTokenTimeToLiveInSeconds": "soon"}, InvalidTokenLifetime),
        ({"authTokenTimeToLiveInSeconds": 60.5}, InvalidTokenLifetime),
        ({"sendResultsToClient": "perhaps"}, InvalidRequestBody),
        ({"enableSessionImage": []}, InvalidRequestBody),
        ({"deviceCorrelationIdSetInClient": {}}, InvalidRequestBody),
        ({"livenessSingleModalModel": "2020-02-15"}, InvalidRequestBody),
        ({"livenessModelVersion": "2023-12-20-preview.06"}, InvalidRequestBody),
        ({"numberOfClientAttemptsAllowed": 0}, InvalidRequestBody),
        ({"numberOfClientAttemptsAllowed": 4}, InvalidRequestBody),
        ({"userCorrelationId": "u" * 65}, InvalidRequestBody),
        ({"userCorrelationId": "u", "userCorrelationIdSetInClient": True}, InvalidRequestBody),
        ({"expectedClientIpAddress": "example.com"}, InvalidRequestBody),
        ({"expectedClientIpAddress": "192.0.2.0/33"}, InvalidRequestBody),
        ({"verifyConfidenceThreshold": 1.01}, InvalidRequestBody),
        ({"verifyConfidenceThreshold": -0.01}, InvalidRequestBody),
    ],
)
def test_what_does_not_fit_gets_the_contracts_error(changed: dict[str, Any], error: type[FaceError]) -> None:
    with pytest.raises(error):
        parsed(LEAST | changed)


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_json_that_is_no_object_is_an_incorrect_body(body: object) -> None:
    with pytest.raises(InvalidRequestBody):
        parsed(body)


def test_what_is_not_json_says_so() -> None:
    with pytest.raises(BadArgument, match="JSON parsing error"):
        parse_body(JSON, False, b"{", {JSON: NewSession})


@pytest.mark.parametrize("address", ["192.0.2.7", "192.0.2.7/24", "2001:db8::1", "2001:db8::/32"])
def test_addresses_and_networks_are_taken(address: str) -> None:
    assert agreed("v1.3-preview.1", expectedClientIpAddress=address).client_address == address
