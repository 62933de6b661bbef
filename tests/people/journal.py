"""What writers did and when, so that a reader at work beside them can tell what it must have seen."""

import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

NEVER = 1 << 60


@dataclass(slots=True)
class _Life:
    """Moments: when adding began and was acknowledged, when removing began and was acknowledged."""

    added: tuple[int, int]
    removed: tuple[int, int] = (NEVER, NEVER)


class Journal:
    """Moments are counted, not measured."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moment = 0
        self._lives: dict[str, _Life] = {}

    def now(self) -> int:
        with self._lock:
            self._moment += 1
            return self._moment

    def added(self, add: Callable[[], str]) -> str:
        """Does it. A face that a reader sees before this returned is one that is not in the journal yet."""
        began = self.now()
        face = add()
        with self._lock:
            self._moment += 1
            self._lives[face] = _Life((began, self._moment))
        return face

    @contextmanager
    def removing(self, face: str) -> Iterator[None]:
        began = self.now()
        with self._lock:
            self._lives[face].removed = (began, NEVER)
        yield
        with self._lock:
            self._moment += 1
            self._lives[face].removed = (began, self._moment)

    def check(self, seen: list[str], began: int, ended: int) -> None:
        """What a search saw that began and ended then."""
        with self._lock:
            lives = dict(self._lives)
        assert len(seen) == len(set(seen)), "a face was seen twice"
        must = {face for face, life in lives.items() if life.added[1] < began and life.removed[0] > ended}
        assert must <= set(seen), "an enrolled face was not seen"
        gone = {face for face, life in lives.items() if life.removed[1] < began}
        assert not gone & set(seen), "a deleted face was seen"

    @property
    def living(self) -> Set[str]:
        """Those that are there when nobody writes any more."""
        return {face for face, life in self._lives.items() if life.removed[0] == NEVER}
