"""What this client makes of a refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.cognitiveservices.vision.face.models import APIErrorException


def refused(code: str, call: Callable[[], Any]) -> None:
    """Fails where the call succeeds, or is refused with another code."""
    with pytest.raises(APIErrorException) as raised:
        call()
    assert raised.value.error.error.code == code  # type: ignore[union-attr]
