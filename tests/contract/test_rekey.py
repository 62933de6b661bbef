"""Another key while the service serves: nobody notices. `python dev.py bench rekey` does it with 100,000 persons."""

import pytest

from tests.benchmarks.rekey import rekeyed

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_key_changes_beside_callers_without_a_failed_request_or_another_decision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.people.segment_swap.SEGMENT_FACES", 256)  # so that there are several to begin with
    found = rekeyed(2000)
    assert found.meanwhile.failed == []
    assert (found.meanwhile.different, found.alone) == (0, 0)
    assert len(found.meanwhile.milliseconds) > 20
