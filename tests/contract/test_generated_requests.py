"""Requests generated from our own OpenAPI document, fitting and misfitting: none may get a 5xx, nor an answer that the
document does not describe.

Half of them are about things that exist, so that they pass beyond "not found"; pictures by URL never leave this
machine. FACE_FUZZ_SECONDS says for how long the thorough test goes on, over all operations; what it sends in a second
is the same in every run.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import function_app  # noqa: F401 fills the table of operations
from infra.local.azurite import Azurite
from shared import services
from shared.services import Services
from shared.wire import destination, openapi
from shared.wire.operation import TABLE
from tests.contract.conformance.kinds import KINDS
from tests.contract.conformance.recipes.liveness import KINDS as LIVENESS_KINDS
from tests.contract.conformance.recipes.liveness import new_session
from tests.contract.conformance.work import Work
from tests.contract.conformance.world import World, picture
from tests.contract.conftest import Service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SECONDS = float(os.environ.get("FACE_FUZZ_SECONDS", "900"))
SMOKE_CASES, ROUND_CASES = 3, 10
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
NAMES = sorted(TABLE, key=lambda name: (TABLE[name].method == "DELETE", -TABLE[name].route.count("/"), name))
"""What deletes comes last, and the whole after its parts, so that what exists exists for the others."""


@dataclass(frozen=True)
class Served:
    """The service on storage of its own, which generated calls may fill, and what exists in it: by resource, the values
    that paths and bodies may have by their names there."""

    built: Services
    work: Work
    existing: dict[str, dict[str, Any]]
    started: float


@dataclass(frozen=True)
class Target:
    url: str
    key: str
    schema: schemathesis.BaseSchema
    served: Served

    def known(self, route: str) -> dict[str, Any]:
        resource = route.removeprefix("face/{version}/").split("/")[0]
        return self.served.existing["anywhere"] | self.served.existing.get(resource, {})


@pytest.fixture(scope="module")
def served(running: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    before = services.current()
    with Azurite(tmp_path_factory.mktemp("azurite-generated")) as azurite:
        work = Work(running, azurite.connection_string)
        built = Services.build(replace(before.settings, storage=azurite.connection_string), running.clock)
        services.use(built)
        try:
            yield Served(built, work, existing(World(running, work, "v1.2-preview.1")), time.monotonic())
        finally:
            services.use(before)


def existing(world: World) -> dict[str, dict[str, Any]]:
    person = world.directory_person()
    anywhere = {
        **{kind.id_field: world.collection(kind) for kind in KINDS},
        **{name: [person] for name in ("personIds", "addPersonIds", "removePersonIds")},
        **dict(zip(("faceId", "faceId1", "faceId2"), world.faces, strict=True)),
        "personId": person,
        "persistedFaceId": world.directory_face(),
        "recognitionModel": world.model,
        "dynamicPersonGroupId": world.dynamic_group(),
        "faceIds": world.faces,
        "url": f"{world.service.pictures}/azure/images/Family1-Dad1.jpg",
    }
    held = {kind.path: {"personId": world.owner(kind), "persistedFaceId": world.persisted(kind)} for kind in KINDS}
    sessions = {f"detect{kind}": {"sessionId": new_session(world, kind)} for kind in LIVENESS_KINDS}
    later = {f"{path}-sessions": known for path, known in sessions.items()}
    return {"anywhere": anywhere, **held, **sessions, **later}


@pytest.fixture
def target(service: Service, served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    before = services.current()
    services.use(served.built)
    monkeypatch.setattr(destination, "resolve", only(str(urlsplit(service.pictures).hostname)))
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(openapi.document(), config=config)
    yield Target(service.url, service.key, schema, served)
    services.use(before)


def only(host: str) -> Any:
    """Stands for name resolution: the pictures' server is found, nothing else is."""

    def resolve(name: str, port: int) -> list[str]:
        del port
        return ["127.0.0.1"] if name == host else []

    return resolve


def strategy(target: Target, name: str) -> st.SearchStrategy[Case[Any]]:
    """Cases of one operation: fitting or not, with ids drawn or, more often, real."""
    declared = TABLE[name]
    operation = target.schema[f"/{declared.route}"][declared.method]
    known = target.known(declared.route)
    real = {key: known[key] for key in declared.path_parameters if key in known}
    drawn = [operation.as_strategy(generation_mode=mode) for mode in MODES]
    placed = [operation.as_strategy(generation_mode=mode, path_parameters=real) for mode in MODES]
    return st.one_of(*drawn, *2 * [grounded(cases, known) for cases in placed])


@st.composite
def grounded(draw: st.DrawFn, cases: st.SearchStrategy[Case[Any]], known: dict[str, Any]) -> Case[Any]:
    """With what exists in the body: ids and URLs by their names, some left out, and a picture for bytes."""
    case = draw(cases)
    if case.media_type == "application/octet-stream":
        case.body = picture("Family1-Dad1")
    elif isinstance(case.body, dict) and case.body:
        dropped = draw(st.sets(st.sampled_from(sorted(case.body))))
        real = known | {"verifyImage": picture("Family1-Dad1")}
        case.body = {key: real.get(key, value) for key, value in case.body.items() if key not in dropped}
    return case


def run(target: Target, name: str, cases: int, number: int) -> None:
    """One round: always the same cases for the same number."""

    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy(target, name))
    def send(case: Case[Any]) -> None:
        answer = case.call(base_url=target.url, headers={"Ocp-Apim-Subscription-Key": target.key})
        case.validate_response(answer, checks=CHECKS)

    send()


@pytest.mark.parametrize("name", NAMES)
def test_some_generated_requests_get_described_answers(name: str, target: Target) -> None:
    run(target, name, SMOKE_CASES, 0)
    target.served.work.run()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_many_generated_requests_get_described_answers(name: str, target: Target) -> None:
    """Each operation has its share of the time, and one round at least."""
    end = target.served.started + SECONDS * (NAMES.index(name) + 1) / len(NAMES)
    number = 1
    while number == 1 or time.monotonic() < end:
        run(target, name, ROUND_CASES, number)
        number += 1
    target.served.work.run()
