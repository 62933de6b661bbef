"""Training, which is compaction: how long it takes by what has changed since the last one."""

import statistics
from collections.abc import Callable

from tests.benchmarks.group import KIND, Group
from tests.benchmarks.identify import Call
from tests.benchmarks.timing import took
from tests.benchmarks.traffic import counted


def measure(group: Group, times: int, change: Callable[[int], object]) -> Call:
    """The median of `times` trainings, each after a change, and the traffic of the last."""
    calls = []
    for number in range(times):
        change(number)
        group.services.training.start(KIND, group.id)
        with counted(group.world.azurite) as traffic:
            calls.append(Call(took(group.train), traffic))
        assert group.is_trained()
    return Call(statistics.median(call.time for call in calls), calls[-1].traffic)
