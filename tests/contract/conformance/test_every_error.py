"""Every error of the contract's tables, raised over HTTP with its status, code and message."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import httpx
import pytest

from infra.local.azurite import Azurite
from shared import services
from shared.services import Services
from shared.settings import Limits
from tests.contract.conformance.errors.rows import Row, rows
from tests.contract.conformance.errors.table import TRIGGERS, UNRAISED, codes_raised, key, raised_rows
from tests.contract.conformance.errors.triggers import VERSION, Scene
from tests.contract.conformance.work import Work
from tests.contract.conformance.world import World
from tests.contract.conftest import Service

ONE_OF_EVERYTHING = Limits(**dict.fromkeys(Limits.__slots__, 1))


@pytest.fixture(scope="package")
def small_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Storage in which nothing is yet: limits count all that is there."""
    with Azurite(tmp_path_factory.mktemp("azurite-small")) as running:
        yield running.connection_string


@pytest.fixture(scope="package")
def make_small(running: Service, small_storage: str) -> Callable[..., World]:
    """Has the host serve, from now on, a service with limits of one, but for those given; its world."""
    before = services.current()
    world = World(running, Work(running, small_storage), VERSION)

    @cache
    def small(limits: Limits) -> Services:
        return Services.build(replace(before.settings, storage=small_storage, limits=limits), running.clock)

    def use(**limits: int) -> World:
        services.use(small(replace(ONE_OF_EVERYTHING, **limits)))
        return world

    return use


@pytest.fixture
def scene(
    service: Service,
    world_of: Callable[[str], World],
    make_small: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    before = services.current()
    yield Scene(service.http, world_of(VERSION), make_small, monkeypatch)
    services.use(before)


def test_every_row_has_a_trigger_or_a_reason_and_never_both() -> None:
    known = {key(row) for row in rows()}
    assert set(TRIGGERS) == {key(row) for row in raised_rows()}
    assert set(UNRAISED) <= known


@pytest.fixture(scope="package")
def raised() -> set[tuple[str, int, str]]:
    """(group, status, code) of what was raised."""
    return set()


@pytest.mark.parametrize("row", raised_rows(), ids=str)
def test_error_is_raised_as_the_contract_says(row: Row, scene: Scene, raised: set[tuple[str, int, str]]) -> None:
    refusals = list(TRIGGERS[key(row)](scene))
    assert refusals
    for refusal in refusals:
        code, message = refusal.code or row.codes[0], refusal.message or row.message
        assert code in row.codes
        assert row.admits(message, code), message
        check(refusal.answer, row.status, code, message)
        raised.add((row.group, row.status, code))


def check(answer: httpx.Response, status: int, code: str, message: str) -> None:
    """The service's message may go on after the contract's with a sentence that says more."""
    request = answer.request
    shown = f"{request.method} {request.url.raw_path.decode()} {request.read()[:200]!r}: {answer.text[:300]}"
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), shown
    told = answer.json()["error"]["message"]
    assert told == message or told.startswith(f"{message} "), shown
    assert answer.headers["x-ms-error-code"] == code


def test_every_code_of_every_line_was_raised(raised: set[tuple[str, int, str]], request: pytest.FixtureRequest) -> None:
    """Some lines of the tables have several codes for the same messages."""
    everything = {(row.group, row.status, code) for row in raised_rows() for code in codes_raised(row)}
    selected = [item for item in request.session.items if item.name.startswith("test_error_is_raised")]
    if len(selected) < len(raised_rows()):
        pytest.skip("only some of the errors are selected")
    assert raised == everything
