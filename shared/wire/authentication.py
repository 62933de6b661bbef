"""Who calls, and whether they may: keys now; a caller is granted data actions, an operation names the one it needs."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import AccessDenied
from shared.settings import Settings

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

KEY_HEADER = "ocp-apim-subscription-key"


@dataclass(frozen=True, slots=True)
class Caller:
    """`method`: how the caller proved who they are."""

    method: str


def authenticate(headers: Mapping[str, str], settings: Settings) -> Caller:
    """Either key opens; each is compared in full, in constant time. Raises AccessDenied."""
    given = headers.get(KEY_HEADER, "").encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in settings.keys]
    if not any(matches):
        raise AccessDenied
    return Caller("key")
