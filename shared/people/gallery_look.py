"""What a search would look at in a gallery, read from storage alone, and what speaks against it.

It goes on beside writers: manifest and heads are read first, then the events and the segments, then manifest and heads
again. What is missing or does not open counts where the manifest is still the same: else a compaction has moved it, or
a rebuild has mended it, and everything is looked at again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.gallery.segment import Segment
from shared.people.gallery_reader import added, removed
from shared.store.galleries import GalleryGone
from shared.store.gallery_log import BROKEN, Event, GalleryLog, GalleryRef, State
from shared.store.gallery_rows import shards_of
from shared.store.rebuilds import Rebuilds
from shared.store.segments import SegmentBroken, Segments

T = TypeVar("T")
Use = Callable[[Iterable[Segment]], T]
"""Is given every face that a search would look at, before it leaves out who has ended or is restricted."""

TRIES = 8
MANY = 1_000_000_000


class ChangesTooFast(Exception):
    """At every try something else had moved."""


class _Lost(Exception):
    """A segment is not there, or does not open."""


@dataclass(frozen=True, slots=True, eq=False)
class Look(Generic[T]):
    """`found`: what `use` answered of the moment of `state`; None where something is damaged or being rebuilt: then
    nobody can search it. `removed`: persons whose removal is among the events, 16 bytes each: rows of their faces may
    be left. `problems`: what is wrong with events, heads and segments, each in words."""

    state: State
    found: T | None
    removed: frozenset[bytes]
    problems: tuple[str, ...]
    is_being_rebuilt: bool = False


class GalleryLook:
    """Every method raises StoreUnavailable, GalleryGone."""

    def __init__(self, log: GalleryLog, segments: Segments, rebuilds: Rebuilds) -> None:
        self._log = log
        self._segments = segments
        self._rebuilds = rebuilds

    def state(self, gallery: GalleryRef) -> State:
        state = self._log.state(gallery.key)
        if state is None:
            raise GalleryGone
        return state

    def look(self, gallery: GalleryRef, use: Use[T]) -> Look[T]:
        """`use` may be called more than once. Raises ChangesTooFast."""
        for _ in range(TRIES):
            state = self.state(gallery)
            events = self._log.all_events(gallery.key, MANY)
            damage, found = list(_damage(gallery, state, events)), None
            if not damage:
                try:
                    found = use(self._parts(gallery, state, events))
                except _Lost as lost:
                    damage.append(str(lost))
            is_rebuilt = bool(damage) and self._rebuilds.find(gallery.key) is not None
            after = self.state(gallery)
            if damage and after.etag != state.etag:
                continue
            _, persons = removed(events)
            if is_rebuilt:
                return Look(state, None, persons, (), is_being_rebuilt=True)
            return Look(state, found, persons, (*damage, *_beyond(after, events)))
        raise ChangesTooFast

    def _parts(self, gallery: GalleryRef, state: State, events: Sequence[Event]) -> Iterator[Segment]:
        """Raises _Lost."""
        events = [event for event in events if _is_seen(state, event)]
        faces, persons = removed(events)
        yield Segment.of(added(events, faces, persons))
        for ref in state.segments:
            try:
                opened = self._segments.read(gallery.key, ref.key)
            except SegmentBroken:
                raise _Lost(f"segment {ref.key} does not open") from None
            if opened is None:
                raise _Lost(f"segment {ref.key} is missing")
            yield Segment.from_bytes(*opened).without(faces, persons)


def _is_seen(state: State, event: Event) -> bool:
    """Whether it is one that a search goes by: after what the segments hold, up to the head."""
    head = state.heads.get(event.shard)
    return head is not None and state.folded.get(event.shard, 0) < event.sequence <= head.sequence


def _damage(gallery: GalleryRef, state: State, events: Sequence[Event]) -> Iterator[str]:
    """What keeps everybody from searching it."""
    if not state.sealed_under:
        yield "the manifest does not open"
        return
    for shard in shards_of(gallery):
        head, folded = state.heads.get(shard), state.folded.get(shard, 0)
        if head is None:
            yield f"the head of shard {shard} is missing or was altered"
        elif head.sequence < folded:
            yield f"the head of shard {shard} was put back: it says {head.sequence}, and {folded} are folded"
    yield from _lost_events(state, [event for event in events if _is_seen(state, event)])


def _lost_events(state: State, seen: Sequence[Event]) -> Iterator[str]:
    for event in seen:
        if event.kind == BROKEN:
            yield f"event {event.sequence} of shard {event.shard} does not open"
    for shard, head in state.heads.items():
        there = [event.sequence for event in seen if event.shard == shard]
        first = state.folded.get(shard, 0) + 1
        if len(there) < head.sequence + 1 - first:
            lost = next((at for at, sequence in enumerate(there, first) if at != sequence), first + len(there))
            yield f"event {lost} of shard {shard} is missing"


def _beyond(state: State, events: Sequence[Event]) -> Iterator[str]:
    """Events after the heads, which were read later and only ever move on."""
    reached: dict[str, int] = {}
    for event in events:
        reached[event.shard] = max(reached.get(event.shard, 0), event.sequence)
    for shard, last in reached.items():
        head = state.heads.get(shard)
        if head is not None and max(head.sequence, state.folded.get(shard, 0)) < last:
            yield f"the head of shard {shard} was put back: it says {head.sequence}, and there is an event {last}"
