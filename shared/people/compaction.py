"""Compaction: folds the events of a gallery into its segments. Training does it, and the background where events pile
up or where something was removed, so that what was removed is physically gone soon after.

Its cost grows with what changed: only segments that hold something removed, and small ones, are written anew.
It may die at any moment, and two may run at once: new segments are written first, then the manifest is replaced on
condition that it is the one that was read, then the old segments and the events go. What a dead or defeated one leaves
behind is announced beforehand, and found by the compaction that the announcement brings about.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta

from shared.clock import Clock
from shared.gallery.segment import Segment, guids
from shared.people.gallery_reader import added
from shared.people.segment_cache import SegmentCache
from shared.store.expiries import Expiries
from shared.store.galleries import Galleries
from shared.store.gallery_log import FACE_REMOVED, PERSON_REMOVED, Event, GalleryLog, SegmentRef, State
from shared.store.ids import GalleryId, PersonId, unpacked
from shared.store.segments import Segments
from shared.store.tables import StoreUnavailable

COMPACTION = "compactions"
"""The kind of expiry that announces a gallery which has to be compacted."""

SEGMENT_FACES = 4096
SMALL_FACES = SEGMENT_FACES // 2  # a smaller segment is filled up by the next compaction
ROUND_EVENTS = 8192
TRIES = 5
AT_ONCE = 4  # segments with something removed that are in memory together
SMALL_AT_ONCE = 8
LEFTOVERS_AFTER = timedelta(minutes=15)  # until then a segment that no manifest names may still get into one


class _Overtaken(Exception):
    """Another compaction replaced the manifest first."""


class Removals:
    """Announces removals before they are made, so that none can be forgotten."""

    def __init__(self, expiries: Expiries, clock: Clock) -> None:
        self._expiries = expiries
        self._clock = clock

    def announce(self, gallery: GalleryId) -> None:
        """The sweep will compact the gallery within about two minutes."""
        self._expiries.announce(COMPACTION, gallery, self._clock(), "")

    def announce_leftovers(self, gallery: GalleryId) -> None:
        """A later compaction will look for segments that this one wrote and no manifest names."""
        self._expiries.announce(COMPACTION, gallery, self._clock() + 2 * LEFTOVERS_AFTER, "")


class Compaction:
    def __init__(
        self,
        gallery_log: GalleryLog,
        galleries: Galleries,
        segments: Segments,
        cache: SegmentCache,
        removals: Removals,
        clock: Clock,
    ) -> None:
        self._log = gallery_log
        self._galleries = galleries
        self._segments = segments
        self._cache = cache
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
            events = self._log.all_events(gallery, ROUND_EVENTS)
            try:
                folded += self._round(gallery, state, events)
                if len(events) < ROUND_EVENTS:
                    self._remove_leftovers(gallery)
                    return folded
            except _Overtaken:
                overtaken += 1
        raise StoreUnavailable("other compactions keep coming first")

    def erase(self, gallery: GalleryId) -> None:
        """Everything of a gallery that is no collection's any more. Raises StoreUnavailable."""
        self._galleries.erase(gallery)
        for key in list(self._segments.stored(gallery)):
            self._delete(gallery, key)

    def _round(self, gallery: GalleryId, state: State, events: Sequence[Event]) -> int:
        new, folded = _unfolded(state, events)
        if new:
            self._removals.announce_leftovers(gallery)
            self._fold(gallery, state, new, folded)
        for event in events:
            if event.kind == PERSON_REMOVED:  # whose faces' rows may have been left by a process that died
                self._galleries.remove_faces_of(gallery, PersonId(unpacked(event.person)))
        held = [event for event in events if event.sequence <= folded.get(event.shard, 0)]
        if events and not held:  # one before them is not there: going on would never end
            raise StoreUnavailable("an event of a gallery is missing")
        self._log.drop(gallery, held)
        return len(new)

    def _fold(self, gallery: GalleryId, state: State, events: Sequence[Event], folded: Mapping[str, int]) -> None:
        """First what was removed leaves the segments, a few of them at a time: until the events are folded, they hide
        it from every search anyway. Then what was added joins the small segments, and the events are folded."""
        faces = {event.face for event in events if event.kind == FACE_REMOVED}
        persons = {event.person for event in events if event.kind == PERSON_REMOVED}
        touched = [ref for ref in state.segments if self._is_touched(gallery, ref, faces, persons)]
        for start in range(0, len(touched), AT_ONCE):
            replaced = touched[start : start + AT_ONCE]
            pool = Segment.concat(self._read(gallery, ref).without(faces, persons) for ref in replaced)
            state = self._replace(gallery, state, replaced, pool, state.folded)
        entries = Segment.of(added(events, faces, persons))
        small = [ref for ref in state.segments if ref.count < SMALL_FACES][:SMALL_AT_ONCE] if len(entries) else []
        pool = Segment.concat([*(self._read(gallery, ref) for ref in small), entries])
        self._replace(gallery, state, small, pool, folded)

    def _replace(
        self,
        gallery: GalleryId,
        state: State,
        replaced: Sequence[SegmentRef],
        pool: Segment,
        folded: Mapping[str, int],
    ) -> State:
        """New segments of `pool`, then a manifest with them, then the replaced ones go. Answers the state after it."""
        written = self._write(gallery, pool)
        segments = (*(ref for ref in state.segments if ref not in replaced), *written)
        done = self._log.fold(gallery, state, segments, folded)
        after = self._log.state(gallery)
        named = {ref.key for ref in after.segments} if after else set()
        if not done:  # or it was done, the answer lost, and others have gone on from there: what is named stays
            self._delete_all(gallery, {ref.key for ref in written} - named)
            raise _Overtaken
        self._delete_all(gallery, {ref.key for ref in replaced} - named)
        if after is None or (after.segments, after.folded) != (segments, folded):
            raise _Overtaken  # by one who may have folded the same events: what is left to do is to be seen anew
        return after

    def _is_touched(self, gallery: GalleryId, ref: SegmentRef, faces: Set[bytes], persons: Set[bytes]) -> bool:
        if not faces and not persons:
            return False
        index = self._segments.read_index(gallery, ref.key)
        if index is None:
            raise _Overtaken
        of_faces, of_persons = Segment.ids_of(index)
        return not (faces.isdisjoint(guids(of_faces)) and persons.isdisjoint(guids(of_persons)))

    def _read(self, gallery: GalleryId, ref: SegmentRef) -> Segment:
        segment = self._cache.get(gallery, ref.key)
        if segment is None:
            raise _Overtaken
        return segment

    def _write(self, gallery: GalleryId, pool: Segment) -> list[SegmentRef]:
        parts = pool.cut(SEGMENT_FACES)
        return [
            SegmentRef(self._segments.write(gallery, part.index_bytes(), part.template_bytes()), len(part))
            for part in parts
        ]

    def _delete(self, gallery: GalleryId, key: str) -> None:
        self._segments.delete(gallery, key)
        self._cache.drop(gallery, key)

    def _remove_leftovers(self, gallery: GalleryId) -> None:
        """Segments that no manifest names: written long ago, and by no compaction that can still name them. The
        manifest is replaced by itself, so that whoever read it before is defeated; who reads it now writes others."""
        unknown = set(self._segments.stored(gallery, self._clock() - LEFTOVERS_AFTER))
        state = self._log.state(gallery) if unknown else None
        if state:
            unknown -= {ref.key for ref in state.segments}
            if unknown and not self._log.fold(gallery, state, state.segments, state.folded):
                raise _Overtaken
        self._delete_all(gallery, unknown)

    def _delete_all(self, gallery: GalleryId, keys: Set[str]) -> None:
        for key in keys:
            self._delete(gallery, key)


def _unfolded(state: State, events: Sequence[Event]) -> tuple[list[Event], dict[str, int]]:
    """The events that the segments do not hold, as far as they follow on each other, and up to where they reach."""
    folded, new = dict(state.folded), []
    for event in events:
        if event.sequence == folded.get(event.shard, 0) + 1:
            folded[event.shard] = event.sequence
            new.append(event)
    return new, folded
