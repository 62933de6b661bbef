"""What this client makes of a refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError


def refused(kind: type[HttpResponseError], code: str, call: Callable[[], Any]) -> None:
    """Fails where the call succeeds, or is refused with another class of error or another code."""
    with pytest.raises(kind) as raised:
        call()
    assert raised.value.error
    assert raised.value.error.code == code
