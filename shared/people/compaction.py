"""Compaction: folds the events of a gallery into its segments. Training does it, and the background where events pile
up or where something was removed, so that what was removed is physically gone soon after.

Its cost grows with what changed: only segments that hold something removed, and small ones, are written anew.
It may die at any moment, and two may run at once: new segments are written first, then the manifest is replaced on
condition that it is the one that was read, then the old segments and the events go. What a dead or defeated one leaves
behind is announced beforehand, and found by the compaction that the announcement brings about.

Where it finds that an event is missing or a segment is lost or altered, it has the gallery rebuilt (rebuild.py).
"""

import logging
from collections.abc import Mapping, Sequence

from shared.clock import Clock
from shared.gallery.segment import Segment
from shared.people.gallery_reader import added, removed
from shared.people.rebuild import Rebuild
from shared.people.removals import LEFTOVERS_AFTER, Removals
from shared.people.segment_swap import SEGMENT_FACES, Overtaken, SegmentSwap
from shared.store.galleries import Galleries
from shared.store.gallery_log import BROKEN, PERSON_REMOVED, Event, GalleryLog, State
from shared.store.ids import GalleryId, PersonId, unpacked
from shared.store.segments import SegmentBroken, Segments
from shared.store.tables import StoreUnavailable

log = logging.getLogger("ownface.people")

SMALL_FACES = SEGMENT_FACES // 2  # a smaller segment is filled up by the next compaction
ROUND_EVENTS = 8192
TRIES = 5
AT_ONCE = 4  # segments with something removed that are in memory together
SMALL_AT_ONCE = 8


class _Damaged(Exception):
    """What the manifest says is there is not, or does not open. The text says what."""


class Compaction:
    def __init__(
        self,
        gallery_log: GalleryLog,
        galleries: Galleries,
        segments: Segments,
        swap: SegmentSwap,
        rebuild: Rebuild,
        removals: Removals,
        clock: Clock,
    ) -> None:
        self._log = gallery_log
        self._galleries = galleries
        self._segments = segments
        self._swap = swap
        self._rebuild = rebuild
        self._removals = removals
        self._clock = clock

    def run(self, gallery: GalleryId) -> int:
        """Folds every event that is there when it starts. Answers their number; 0 also for a gallery that is gone.

        Raises StoreUnavailable, also where other compactions keep coming first."""
        folded = overtaken = 0
        while overtaken < TRIES:
            state = self._log.state(gallery)
            if state is None:
                self._remove_leftovers(gallery)
                return folded
            try:
                if self._rebuild.is_under_way(gallery):  # which a fold would overtake
                    self._rebuild.run(gallery)
                    continue
                events = self._log.all_events(gallery, ROUND_EVENTS)
                self._check_heads(gallery, state, events)
                _check(state, events, is_all=len(events) < ROUND_EVENTS)
                folded += self._round(gallery, state, events)
                if len(events) < ROUND_EVENTS:
                    self._remove_leftovers(gallery)
                    return folded
            except Overtaken:
                overtaken += 1
                if not self._swap.are_stored(gallery, state.segments):
                    self._begin_rebuild(gallery, state, "a segment is lost")
            except (_Damaged, SegmentBroken) as damage:
                overtaken += 1
                self._begin_rebuild(gallery, state, str(damage))
        raise StoreUnavailable("other compactions keep coming first")

    def mend(self, gallery: GalleryId, *, put_back: bool = False) -> None:
        """For a gallery that could not be read: looks at every segment, has the gallery rebuilt where one is lost or
        altered, and does what `run` does. `put_back`: somebody has seen later changes than there are now, so nothing
        but the rows is believed. Raises StoreUnavailable."""
        state = self._log.state(gallery)
        if state and put_back:
            self._begin_rebuild(gallery, state, "it was put back to an earlier state", put_back=True)
        elif state and not all(self._segments.is_whole(gallery, ref.key) for ref in state.segments):
            self._begin_rebuild(gallery, state, "a segment is lost or does not open")
        self.run(gallery)

    def erase(self, gallery: GalleryId) -> None:
        """Everything of a gallery that is no collection's any more. Raises StoreUnavailable."""
        self._galleries.erase(gallery)
        self._swap.delete(gallery, set(self._segments.stored(gallery)))

    def _begin_rebuild(self, gallery: GalleryId, state: State, why: str, *, put_back: bool = False) -> None:
        """Unless the manifest was replaced since: then what is missing has moved."""
        if self._rebuild.begin(gallery, state, put_back=put_back):
            log.error("gallery %s is damaged and will be rebuilt from its rows: %s", gallery, why)

    def _check_heads(self, gallery: GalleryId, state: State, events: Sequence[Event]) -> None:
        """That none is from before an event, but for one that came since `state` was read. Raises _Damaged."""
        if _is_beyond(state, events):
            now = self._log.state(gallery)
            if now and _is_beyond(now, events):
                raise _Damaged("a head was put back")

    def _round(self, gallery: GalleryId, state: State, events: Sequence[Event]) -> int:
        new, folded = _unfolded(state, events)
        if new:
            self._removals.announce_leftovers(gallery)
            self._fold(gallery, state, new, folded)
        for event in events:
            if event.kind == PERSON_REMOVED:  # whose faces' rows may have been left by a process that died
                self._galleries.remove_faces_of(gallery, PersonId(unpacked(event.person)))
        self._log.drop(gallery, [event for event in events if event.sequence <= folded.get(event.shard, 0)])
        return len(new)

    def _fold(self, gallery: GalleryId, state: State, events: Sequence[Event], folded: Mapping[str, int]) -> None:
        """First what was removed leaves the segments, a few of them at a time: until the events are folded, they hide
        it from every search anyway. Then what was added joins the small segments, and the events are folded."""
        faces, persons = removed(events)
        touched = [ref for ref in state.segments if self._swap.is_touched(gallery, ref, faces, persons)]
        for start in range(0, len(touched), AT_ONCE):
            replaced = touched[start : start + AT_ONCE]
            pool = Segment.concat(self._swap.read(gallery, ref).without(faces, persons) for ref in replaced)
            state = self._swap.replace(gallery, state, replaced, pool, state.folded)
        entries = Segment.of(added(events, faces, persons))
        small = [ref for ref in state.segments if ref.count < SMALL_FACES][:SMALL_AT_ONCE] if len(entries) else []
        pool = Segment.concat([*(self._swap.read(gallery, ref) for ref in small), entries])
        self._swap.replace(gallery, state, small, pool, folded)

    def _remove_leftovers(self, gallery: GalleryId) -> None:
        """Segments that no manifest names: written long ago, and by no compaction that can still name them. The
        manifest is replaced by itself, so that whoever read it before is defeated; who reads it now writes others."""
        unknown = set(self._segments.stored(gallery, self._clock() - LEFTOVERS_AFTER))
        if unknown and self._rebuild.is_under_way(gallery):  # they are its own
            return
        state = self._log.state(gallery) if unknown else None
        if state:
            unknown -= {ref.key for ref in state.segments}
            if unknown and not self._log.fold(gallery, state, state.segments, state.folded):
                raise Overtaken
        self._swap.delete(gallery, unknown)


def _check(state: State, events: Sequence[Event], *, is_all: bool) -> None:
    """That in each shard they follow on each other from what is folded to the head. `is_all`: what is not among them
    is not there; otherwise the last shard goes on. Raises _Damaged."""
    if state.is_damaged:
        raise _Damaged("the manifest or a head was altered or put back")
    reached = dict(state.folded)
    for event in events:
        if event.sequence > reached.get(event.shard, 0) + 1:
            raise _Damaged("an event is missing")
        if event.sequence > reached.get(event.shard, 0):
            reached[event.shard] = event.sequence
            if event.kind == BROKEN:
                raise _Damaged("an event does not open")
    for shard, head in state.heads.items():
        if head.sequence > reached.get(shard, 0) and (is_all or shard < events[-1].shard):
            raise _Damaged("an event is missing")


def _is_beyond(state: State, events: Sequence[Event]) -> bool:
    heads = state.heads
    return any(event.shard in heads and event.sequence > heads[event.shard].sequence for event in events)


def _unfolded(state: State, events: Sequence[Event]) -> tuple[list[Event], dict[str, int]]:
    """The events that the segments do not hold, as far as they follow on each other, and up to where they reach."""
    folded, new = dict(state.folded), []
    for event in events:
        if event.sequence == folded.get(event.shard, 0) + 1:
            folded[event.shard] = event.sequence
            new.append(event)
    return new, folded
