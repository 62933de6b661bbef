"""One process that tries all mutants of a module, with an Azurite of its own where its tests need storage."""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.mutation import fork, storage
from tests.mutation.mutants import Mutant
from tests.mutation.targets import Target

LEAST_SECONDS, SLOWER = 15.0, 5
"""A mutant whose tests take longer than they take without it, so many times, counts as killed."""


class Worker:
    folder: Path
    connection = ""
    results: Path

    @classmethod
    def start(cls, folder: Path) -> None:
        cls.folder = Path(tempfile.mkdtemp(dir=folder))

    @classmethod
    def outcomes(cls, target: Target, mutants: Sequence[Mutant]) -> dict[str, str]:
        """By the mutants' names. Empty where the tests fail without any, before or after."""
        if target.storage and not cls.connection:
            cls.connection = storage.share(cls.folder / "azurite")
        cls.results = cls.folder / target.path.replace("/", ".")
        cls.results.touch()
        plugin = fork.Collected(partial(cls._put_in, target, [one for one in mutants if one.in_function]))
        fork.forked(partial(fork.run_tests, target.tests, cls.folder / "collected", [plugin]), 24 * 3600)
        seconds = float(cls._noted().get("seconds", 0))
        for mutant in mutants if seconds else ():
            if not mutant.in_function:
                loaded = partial(fork.loaded_as, mutant, target.tests, cls.folder / "loaded")
                cls._note(mutant.name, cls._outcome(target, loaded, _limit(seconds) + LEAST_SECONDS))
        found = cls._noted()
        return {mutant.name: found[mutant.name] for mutant in mutants} if found.get("after") == fork.SURVIVED else {}

    @classmethod
    def _put_in(cls, target: Target, mutants: Sequence[Mutant], run: Callable[[Mutant | None], int]) -> None:
        """Within the process that has collected the tests."""
        started = time.monotonic()
        if cls._outcome(target, partial(run, None), 600) == fork.SURVIVED:
            seconds = time.monotonic() - started
            cls._note("seconds", str(seconds))
            for mutant in mutants:
                cls._note(mutant.name, cls._outcome(target, partial(run, mutant), _limit(seconds)))
            cls._note("after", cls._outcome(target, partial(run, None), _limit(seconds)))

    @classmethod
    def _note(cls, name: str, what: str) -> None:
        with cls.results.open("a", encoding="utf-8") as results:
            print(name, what, file=results)

    @classmethod
    def _noted(cls) -> dict[str, str]:
        lines = cls.results.read_text(encoding="utf-8").splitlines()
        return {name: what for name, _, what in (line.partition(" ") for line in lines)}

    @classmethod
    def _outcome(cls, target: Target, run: Callable[[], int], seconds: float) -> str:
        if target.storage:
            storage.empty(cls.connection)
        return fork.forked(run, seconds)


def _limit(seconds: float) -> float:
    return max(LEAST_SECONDS, SLOWER * seconds)
