"""Another key while the service serves: nobody notices. `python dev.py bench rekey` does it with 100,000 persons."""

import pytest

from tests.benchmarks.rekey import rekeyed

pytestmark = pytest.mark.slow


def test_key_changes_beside_callers_without_a_failed_request_or_another_decision() -> None:
    found = rekeyed(3000)
    assert found.meanwhile.failed == []
    assert (found.meanwhile.different, found.alone) == (0, 0)
    assert len(found.meanwhile.milliseconds) > 20
