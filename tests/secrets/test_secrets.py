"""`python dev.py secrets` against a stand-in that knows the two calls of Key Vault's REST interface."""

import http.server
import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.secrets.__main__ import KEY_RING, KEYS, RECOGNIZER_KEYS, main
from infra.secrets.vault import Vault
from shared.settings import KEY_MIN_LENGTH
from tests.servers import http_server

TOKEN = "token-of-the-tests"


class Stand(http.server.BaseHTTPRequestHandler):
    secrets: dict[str, list[str]]
    status = 0

    def do_GET(self) -> None:
        versions = self.secrets.get(self._name())
        self._answer(200 if versions else 404, {"value": versions[-1]} if versions else {"error": {}})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.secrets.setdefault(self._name(), []).append(body["value"])
        self._answer(200, body)

    def _name(self) -> str:
        path, _, query = self.path.partition("?")
        assert query == "api-version=7.4"
        return path.removeprefix("/secrets/")

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status = 401
        body = json.dumps(document).encode()
        self.send_response(self.status or status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def stand() -> Iterator[tuple[type[Stand], str]]:
    class Own(Stand):
        secrets: dict[str, list[str]] = {}  # noqa: RUF012 one for each test

    with http_server(Own) as port:
        yield Own, f"http://127.0.0.1:{port}"


def run(url: str, *arguments: str, token: str = TOKEN) -> int:
    return main([*arguments, "--vault", url], Vault(url, lambda: token))


def test_secrets_are_made_once_and_never_replaced(stand: tuple[type[Stand], str]) -> None:
    found, url = stand
    assert run(url, "make") == 0
    made = {name: list(versions) for name, versions in found.secrets.items()}
    assert set(made) == {*KEYS, KEY_RING}
    assert run(url, "make", "--recognizer") == 0
    assert {name: found.secrets[name] for name in made} == made
    assert set(found.secrets) == {*KEYS, *RECOGNIZER_KEYS, KEY_RING}


def test_what_is_made_is_what_the_service_takes(stand: tuple[type[Stand], str]) -> None:
    found, url = stand
    assert run(url, "make") == 0
    keys = [found.secrets[name][0] for name in KEYS]
    assert all(len(key) >= KEY_MIN_LENGTH for key in keys)
    assert len(set(keys)) == len(keys)
    ring = json.loads(found.secrets[KEY_RING][0])
    assert list(ring["keys"]) == [ring["active"]]


def test_rotation_gives_one_key_a_new_value_and_cannot_touch_the_ring(stand: tuple[type[Stand], str]) -> None:
    found, url = stand
    run(url, "make")
    assert run(url, "rotate", "face-key2") == 0
    assert {name: len(versions) for name, versions in found.secrets.items()} == {KEYS[0]: 1, KEYS[1]: 2, KEY_RING: 1}
    with pytest.raises(SystemExit):
        run(url, "rotate", KEY_RING)


@pytest.mark.parametrize(("status", "hint"), [(403, "Key Vault Secrets Officer"), (409, "recover it"), (500, "500")])
def test_vault_that_refuses_is_one_line_with_what_to_do_and_without_secrets(
    status: int, hint: str, stand: tuple[type[Stand], str], capsys: pytest.CaptureFixture[str]
) -> None:
    found, url = stand
    run(url, "make")
    found.status = status
    assert run(url, "make") == 1
    said = capsys.readouterr()
    assert hint in said.err
    assert not any(value in said.out + said.err for versions in found.secrets.values() for value in versions)


def test_vault_that_is_away_or_another_tenants_is_said(
    stand: tuple[type[Stand], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(stand[1], "make", token="somebody else's") == 1
    assert run("http://127.0.0.1:1", "make") == 1
    said = capsys.readouterr().err
    assert "az login" in said
    assert "does not answer" in said
