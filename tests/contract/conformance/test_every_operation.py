"""Every operation of every API version that is served, called over HTTP, both ways held against the contract."""

from collections.abc import Callable

import pytest

from shared.wire.operation import TABLE
from tests.contract.changes import Changes
from tests.contract.conformance.recipes.liveness import is_elsewhere
from tests.contract.conformance.recipes.registry import Call, Recorder
from tests.contract.conformance.recipes.snapshots import is_withdrawn
from tests.contract.conformance.recipes.table import RECIPES
from tests.contract.conformance.specification import Declared, in_scope, names_in_scope
from tests.contract.conformance.world import World
from tests.contract.conftest import Service
from tests.privacy_page import operation_rows


def test_recipes_are_exactly_those_of_the_contracts_operations() -> None:
    assert set(RECIPES) == names_in_scope()


@pytest.mark.parametrize("declared", in_scope(), ids=lambda declared: f"{declared.version}-{declared.name}")
def test_operation_answers_as_its_version_declares(
    declared: Declared, service: Service, world_of: Callable[[str], World], recorder: Recorder, changes: Changes
) -> None:
    del changes  # is watching
    RECIPES[declared.name].run(Call(declared, service.http, recorder), world_of(declared.version))
    assert (declared.name, declared.version) in recorder.calls


def test_every_operation_of_every_version_was_called(recorder: Recorder, request: pytest.FixtureRequest) -> None:
    """What the report counts as called was called, and answered in every way that the version declares."""
    everything = {(one.name, one.version): answers(one) for one in in_scope()}
    selected = [item for item in request.session.items if item.name.startswith("test_operation_answers")]
    if len(selected) < len(everything):
        pytest.skip("only some of the operations are selected")
    assert recorder.calls == everything


def test_operations_change_in_storage_what_the_page_says(changes: Changes, request: pytest.FixtureRequest) -> None:
    """Of a few that are selected what they change may be less than all."""
    wrong = [misfit for row in operation_rows() for misfit in row.misfits(changes.of)]
    assert wrong == []
    ran = [item for item in request.session.items if item.name.startswith("test_operation_answers")]
    if len(ran) == len(in_scope()):
        assert {name for name, declared in TABLE.items() if declared.covers} <= changes.of.keys()


def answers(declared: Declared) -> set[int]:
    if is_withdrawn(declared):
        return {403}
    return {404} if is_elsewhere(declared) else set(declared.successes)
