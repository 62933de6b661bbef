"""Whether a caller may call. Keys are the one way to prove it, and a key is granted every data action."""

import hmac
from collections.abc import Mapping, Sequence

from shared.errors import AccessDenied

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

KEY_HEADER = "ocp-apim-subscription-key"


def authenticate(headers: Mapping[str, str], keys: Sequence[str]) -> None:
    """Either key opens; each is compared in full, in constant time. Raises AccessDenied."""
    given = headers.get(KEY_HEADER, "").encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    if not any(matches):
        raise AccessDenied
