"""What a liveness session is made with: JSON, or a form that brings the picture to compare with."""

import ipaddress
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from shared.errors import (
    FaceError,
    InvalidDeviceCorrelationId,
    InvalidLivenessOperationMode,
    InvalidRequestBody,
    InvalidTokenLifetime,
)
from shared.store.sessions import Terms
from shared.wire.multipart import MAX_PARTS, MAX_TEXT_BYTES
from shared.wire.objects import FORM, WireObject

MODES = {"passive": "Passive", "passiveactive": "PassiveActive"}
TOKEN_SECONDS = 600
ATTEMPTS, NEWEST_ATTEMPTS = 3, 1
"""How often a client may try where nothing else is said; the newest version lets callers say it."""

MODEL = "2024-11-15"
"""The one model version that the versions after the previews know; it names the form of their results."""

Mode = Annotated[str, Meta(extra_json_schema={"enum": list(MODES.values())})]
CorrelationId = Annotated[str, Meta(min_length=1, max_length=64)]


class NewSession(WireObject):
    """What a session is made with. A version takes no notice of what it does not have: `sendResultsToClient` is of the
    previews, `enableSessionImage` not of v1.1-preview.1, a user, attempts and an address of v1.3-preview.1."""

    lenient: ClassVar[bool] = True

    liveness_operation_mode: Mode
    device_correlation_id: CorrelationId | None = None
    device_correlation_id_set_in_client: bool | None = None
    auth_token_time_to_live_in_seconds: Annotated[int, Meta(ge=60, le=86400)] | None = None
    send_results_to_client: bool | None = None
    enable_session_image: bool | None = None
    liveness_single_modal_model: Literal["2022-10-15-preview.04", "2023-12-20-preview.06"] | None = None
    liveness_model_version: Literal["2024-11-15"] | None = None
    number_of_client_attempts_allowed: Annotated[int, Meta(ge=1, le=3)] | None = None
    user_correlation_id: CorrelationId | None = None
    user_correlation_id_set_in_client: bool | None = None
    expected_client_ip_address: str | None = None

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return MISFITS.get(field, InvalidRequestBody)()

    def __post_init__(self) -> None:
        if self.liveness_operation_mode.lower() not in MODES:
            raise InvalidLivenessOperationMode
        if bool(self.device_correlation_id) == bool(self.device_correlation_id_set_in_client):
            raise InvalidDeviceCorrelationId
        if self.user_correlation_id and self.user_correlation_id_set_in_client:
            raise InvalidRequestBody
        if self.expected_client_ip_address is not None and not is_network(self.expected_client_ip_address):
            raise InvalidRequestBody


MISFITS: dict[str, type[FaceError]] = {
    "livenessOperationMode": InvalidLivenessOperationMode,
    "deviceCorrelationId": InvalidDeviceCorrelationId,
    "authTokenTimeToLiveInSeconds": InvalidTokenLifetime,
}


class NewVerifySession(NewSession):
    """The same for a session that verifies. Without a picture its reference is missing."""

    return_verify_image_hash: bool | None = None
    verify_confidence_threshold: Annotated[float, Meta(ge=0, le=1)] | None = None


class NewVerifySessionForm(NewVerifySession, kw_only=True):
    """The same with a picture. `Parameters`: JSON that may hold what is not in a part of its own."""

    media: ClassVar[str] = FORM
    max_bytes: ClassVar[int] = MAX_PARTS * MAX_TEXT_BYTES
    form_images: ClassVar[int] = 1

    verify_image: bytes
    parameters: str | None = field(default=None, name="Parameters")


def is_network(text: str) -> bool:
    """Whether it is an IP address or a CIDR block."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def terms(asked: NewSession, version: str) -> Terms:
    """What was asked for as far as the version has it, defaults filled in."""
    previews, newest = version in {"v1.1-preview.1", "v1.2-preview.1"}, version == "v1.3-preview.1"
    verify = asked if isinstance(asked, NewVerifySession) and version != "v1.1-preview.1" else None
    return Terms(
        mode=MODES[asked.liveness_operation_mode.lower()],
        token_seconds=asked.auth_token_time_to_live_in_seconds or TOKEN_SECONDS,
        attempts=(asked.number_of_client_attempts_allowed or NEWEST_ATTEMPTS) if newest else ATTEMPTS,
        device_correlation_id=asked.device_correlation_id,
        device_correlation_id_set_in_client=bool(asked.device_correlation_id_set_in_client),
        user_correlation_id=asked.user_correlation_id if newest else None,
        user_correlation_id_set_in_client=newest and bool(asked.user_correlation_id_set_in_client),
        send_results_to_client=previews and bool(asked.send_results_to_client),
        goes_on=previews,  # as Microsoft's recordings of them do; later versions call a verdict's session Succeeded
        keep_image=version != "v1.1-preview.1" and bool(asked.enable_session_image),
        model=asked.liveness_single_modal_model if previews else MODEL,
        client_address=asked.expected_client_ip_address if newest else None,
        return_verify_image_hash=bool(verify and verify.return_verify_image_hash),
        verify_threshold=verify.verify_confidence_threshold if verify else None,
    )
