"""Where clients are told to follow work: at an absolute address that they can reach."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import azure.functions as func
import pytest

from shared import services
from shared.services import Services
from shared.settings import Settings
from shared.wire.answers import Accepted
from shared.wire.operation import respond

Follow = Callable[..., str]


@pytest.fixture
def follow(key_ring_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Follow:
    """The address that a request to a URL is answered with, given headers and the setting."""
    settings = Settings(
        keys=("addresses-key-0123456789",),
        storage="UseDevelopmentStorage=true",
        key_ring_file=key_ring_file,
        cache_dir=tmp_path,
    )
    built = Services.build(settings)

    def ask(url: str, public_url: str = "", **headers: str) -> str:
        ours = replace(built, settings=replace(settings, public_url=public_url))
        monkeypatch.setattr(services, "_current", ours)  # undone at the end: another test's service may be running
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = func.HttpRequest("POST", url, headers=named, route_params={"version": "V1.2"}, body=b"")
        answered = respond("Train", request, lambda _: Accepted(None, "persongroups/g/training"))
        assert answered.status_code == 202
        return str(answered.headers["operation-Location"])

    return ask


def test_client_is_led_back_to_the_address_that_it_used(follow: Follow) -> None:
    address = follow("http://localhost:7071/face/V1.2/persongroups/g/train?x=1")
    assert address == "http://localhost:7071/face/v1.2/persongroups/g/training"


@pytest.mark.parametrize("forwarded", ["https", "HTTPS", "https, http"])
def test_key_is_not_led_out_of_tls_by_a_front_end_that_ends_it(follow: Follow, forwarded: str) -> None:
    address = follow("http://face.example.com/face/V1.2/x", x_forwarded_proto=forwarded)
    assert address == "https://face.example.com/face/v1.2/persongroups/g/training"


def test_header_cannot_lead_a_client_out_of_tls(follow: Follow) -> None:
    assert follow("https://face.example.com/face/V1.2/x", x_forwarded_proto="http").startswith("https://")


def test_public_url_is_told_where_it_is_set(follow: Follow) -> None:
    address = follow("http://10.0.0.4/face/V1.2/x", public_url="https://face.example.com/gate")
    assert address == "https://face.example.com/gate/face/v1.2/persongroups/g/training"
