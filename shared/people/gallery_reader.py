"""What is in a gallery now: its segments, and the events since.

One small query tells the manifest and the heads of all shards, whose time is over, and whether others are restricted
than before. Segments never change, so they come from the cache;
of the events only those are read that this process has not seen. Sequences have no gaps: where one is missing, a
compaction has moved it into the segments since, and everything is looked at again.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from shared import telemetry
from shared.clock import Clock
from shared.gallery.segment import Entry, Segment
from shared.people.damage import Damage
from shared.people.restricted import Restricted
from shared.people.segment_cache import KEEP, SegmentCache
from shared.people.tidying import keep_tidy
from shared.store.galleries import GalleryGone
from shared.store.gallery_log import BROKEN, FACE_ADDED, FACE_REMOVED, PERSON_REMOVED, Event, GalleryLog, State
from shared.store.ids import GalleryId
from shared.store.manifests import SegmentRef
from shared.store.segments import SegmentBroken
from shared.store.tables import StoreUnavailable
from shared.store.terms import hidden

T = TypeVar("T")
Fetch = Callable[[str, int, int], Sequence[Event]]
"""Events of a shard: after one sequence, up to another."""

TRIES = 8
TAILS = 32  # galleries whose recent events are remembered: each up to about 2,000, with their templates
LOOKAHEAD = 4  # segments that are fetched side by side


class _SegmentGone(Exception):
    """A segment of the manifest that was read is no longer there: a newer manifest is."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One moment of a gallery: the faces in `parts()` but for the hidden ones.

    `members`: persons, or faces of a list."""

    members: int
    hidden_faces: Set[bytes]
    hidden_persons: Set[bytes]
    parts: Callable[[], Iterable[Segment]]


class GalleryReader:
    """Safe to use from several threads."""

    def __init__(self, log: GalleryLog, cache: SegmentCache, damage: Damage, clock: Clock) -> None:
        """`damage`: told of a gallery of which something is missing or does not open."""
        self._log = log
        self._cache = cache
        self._damage = damage
        self._clock = clock
        self._restricted = Restricted(log)
        self._tails: OrderedDict[GalleryId, _Tail] = OrderedDict()
        self._lock = threading.Lock()
        self._readers = ThreadPoolExecutor(8, thread_name_prefix="gallery-read")
        keep_tidy(self)

    def tidy(self) -> None:
        """Forget the events of galleries that nobody searched for a while."""
        oldest = time.monotonic() - KEEP.total_seconds()
        with self._lock:
            for gallery in [gallery for gallery, tail in self._tails.items() if tail.used < oldest]:
                del self._tails[gallery]

    def read(self, gallery: GalleryId, use: Callable[[View], T]) -> T:
        """What `use` answers about the gallery as it is now; it may be called again where the gallery moved under it.

        Raises GalleryGone, StoreUnavailable."""
        manifests = set()
        for _ in range(TRIES):
            tail = self._tail(gallery)
            reached = tail.reached()
            state = self._log.state(gallery, self._clock())
            if state is None:
                raise GalleryGone
            manifests.add(state.etag)
            self._check_heads(gallery, state, reached)
            seen = tail.catch_up(state, lambda *span: self._log.events(gallery, *span), self._readers)
            if seen is None:
                continue
            if not seen.is_whole:  # the event may have been a removal
                self._damage.report(gallery)
                raise StoreUnavailable("a change of a gallery does not open")
            try:
                return use(self._view(gallery, state, seen))
            except _SegmentGone:
                continue
            except SegmentBroken:
                self._damage.report(gallery)
                raise
        if len(manifests) == 1:  # nobody has moved what is missing
            self._damage.report(gallery)
            raise StoreUnavailable("a part of a gallery is missing")
        raise StoreUnavailable("a gallery changes faster than it can be read")

    def _view(self, gallery: GalleryId, state: State, seen: "_Seen") -> View:
        def parts() -> Iterator[Segment]:
            yield seen.added
            yield from self._segments(gallery, state.segments)

        telemetry.record("ownface.gallery.members", state.members)
        over_faces, over_persons = hidden(state.over)
        faces, persons = self._restricted.at(gallery, state.restrictions)
        hidden_faces = frozenset().union(seen.removed_faces, over_faces, faces)
        hidden_persons = frozenset().union(seen.removed_persons, over_persons, persons)
        return View(state.members, hidden_faces, hidden_persons, parts)

    def _segments(self, gallery: GalleryId, wanted: Sequence[SegmentRef]) -> Iterator[Segment]:
        """In their order, the next ones fetched while one is searched."""
        waiting = iter(wanted)

        def fetch(ref: SegmentRef) -> Future[Segment | None]:
            return self._readers.submit(self._cache.get, gallery, ref.key)

        fetched = deque(map(fetch, islice(waiting, LOOKAHEAD)))
        while fetched:
            segment = fetched.popleft().result()
            if segment is None:
                raise _SegmentGone
            fetched.extend(map(fetch, islice(waiting, 1)))
            yield segment

    def _check_heads(self, gallery: GalleryId, state: State, reached: Mapping[str, int]) -> None:
        """`reached`: how far this process had read each shard before it read `state`."""
        put_back = any(head.sequence < reached.get(shard, 0) for shard, head in state.heads.items())
        if put_back or state.is_damaged:
            self._damage.report(gallery, put_back=put_back)
            raise StoreUnavailable("the manifest or a head of a gallery was altered or put back in storage")

    def _tail(self, gallery: GalleryId) -> "_Tail":
        with self._lock:
            tail = self._tails.setdefault(gallery, _Tail())
            self._tails.move_to_end(gallery)
            tail.used = time.monotonic()
            if len(self._tails) > TAILS:
                self._tails.popitem(last=False)
            return tail


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What the events since the segments come to. `is_whole`: none of them is broken."""

    is_whole: bool
    added: Segment
    removed_faces: Set[bytes]
    removed_persons: Set[bytes]


class _Tail:
    """The events of one gallery that its segments do not hold, as far as this process has read them."""

    def __init__(self) -> None:
        self.used = 0.0
        self._lock = threading.Lock()
        self._folded: dict[str, int] = {}
        self._events: dict[str, list[Event]] = {}
        self._seen: _Seen | None = None

    def reached(self) -> dict[str, int]:
        """The last change of each shard that this process knows of."""
        with self._lock:
            return {shard: self._last(shard) for shard in self._folded.keys() | self._events.keys()}

    def catch_up(self, state: State, fetch: Fetch, readers: Executor) -> _Seen | None:
        """Everything up to the heads of `state`. None where `state` is too old to be completed: events that it needs
        are in newer segments."""
        with self._lock:
            if any(state.folded.get(shard, 0) < folded for shard, folded in self._folded.items()):
                return None
            self._trim(state)
            missing = [
                (shard, last, head.sequence)
                for shard, head in state.heads.items()
                if head.sequence > (last := self._last(shard))
            ]
            for (shard, last, until), events in zip(missing, readers.map(lambda m: fetch(*m), missing), strict=True):
                if [event.sequence for event in events] != list(range(last + 1, until + 1)):
                    return None
                self._events.setdefault(shard, []).extend(events)
                self._seen = None
            if self._seen is None:
                self._seen = _seen(event for events in self._events.values() for event in events)
            return self._seen

    def _last(self, shard: str) -> int:
        events = self._events.get(shard)
        return events[-1].sequence if events else self._folded.get(shard, 0)

    def _trim(self, state: State) -> None:
        """Forget what the segments hold by now."""
        if state.folded == self._folded:
            return
        self._folded = dict(state.folded)
        for shard, folded in self._folded.items():
            left = [event for event in self._events.get(shard, ()) if event.sequence > folded]
            self._events[shard] = left
        self._seen = None


def _seen(events: Iterable[Event]) -> _Seen:
    events = list(events)
    faces, persons = removed(events)
    is_whole = all(event.kind != BROKEN for event in events)
    return _Seen(is_whole, Segment.of(added(events, faces, persons)), faces, persons)


def removed(events: Iterable[Event]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """The faces and the persons that went."""
    events = list(events)
    faces = frozenset(event.face for event in events if event.kind == FACE_REMOVED)
    return faces, frozenset(event.person for event in events if event.kind == PERSON_REMOVED)


def added(events: Iterable[Event], removed_faces: Set[bytes], removed_persons: Set[bytes]) -> list[Entry]:
    """The faces that came and did not go."""
    return [
        Entry(event.face, event.person, event.space, event.template)
        for event in events
        if event.kind == FACE_ADDED
        and event.template is not None
        and event.face not in removed_faces
        and event.person not in removed_persons
    ]
