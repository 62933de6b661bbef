"""Settings of liveness, and the access to Microsoft's client packages."""

from typing import NoReturn

import azure.functions as func

from shared.errors import ResourceNotFound, UnsupportedFeature
from shared.wire.call import Call
from shared.wire.liveness_settings import LivenessSettings, SettingsUpdate, settings
from shared.wire.operation import operation

blueprint = func.Blueprint()

NEWEST = ("v1.3-preview.1",)


@operation(
    blueprint,
    "GetSettings",
    "GET",
    "face/{version}/settings",
    action="settings/read",
    versions=NEWEST,
    covers=("GetSettings",),
)
def get(call: Call[None, None]) -> LivenessSettings:
    """Abuse monitoring is off: nothing is compared across sessions."""
    del call
    return settings()


@operation(
    blueprint,
    "PatchSettings",
    "PATCH",
    "face/{version}/settings",
    action="settings/write",
    versions=NEWEST,
    covers=("PatchSettings",),
)
def patch(call: Call[None, SettingsUpdate]) -> LivenessSettings:
    """It stays off: turning it on is refused."""
    if call.body.turns_on:
        raise UnsupportedFeature("Feature is not supported. Abuse monitoring would compare people across sessions.")
    return settings()


@operation(
    blueprint,
    "GetClientAssetsAccessToken",
    "GET",
    "face/{version}/settings/getClientAssetsAccessToken",
    action="settings/getclientassetsaccesstoken/read",
    versions=NEWEST,
    covers=("GetClientAssetsAccessToken",),
)
def client_assets(call: Call[None, None]) -> NoReturn:
    """There is nothing to get access to: the client is served by the service itself."""
    del call
    raise ResourceNotFound("Resource not found. The capture client needs no access token: the service serves it.")
