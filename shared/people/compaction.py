"""Compaction: folds the events of a gallery into its segments. Training does it, and the background where events pile
up or where something was removed, so that what was removed is physically gone soon after.

Its cost grows with what changed: only segments that hold something removed, and small ones, are written anew.
It may die at any moment, and two may run at once: new segments are written first, then the manifest is replaced on
condition that it is the one that was read, then the old segments and the events go. What a dead or defeated one leaves
behind is announced beforehand, and found by the compaction that the announcement brings about.
"""

import time
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
WITHIN_SECONDS = 240.0  # a round that took longer does not replace the manifest
LEFTOVERS_AFTER = timedelta(minutes=15)  # far longer than a round may take: by then an unknown segment is nobody's


class _Overtaken(Exception):
    """Another compaction replaced the manifest first, or this one was too slow."""


class Removals:
    """Announces removals before they are made, so that none can be forgotten."""

    def __init__(self, expiries: Expiries, clock: Clock) -> None:
        self._expiries = expiries
        self._clock = clock

    def announce(self, gallery: GalleryId) -> None:
        """The sweep will compact the gallery within about two minutes."""
        self._expiries.announce(COMPACTION, gallery, self._clock(), "")

    def announce_leftovers(self, gallery: GalleryId) -> None:
        self._expiries.announce(COMPACTION, gallery, self._clock() + LEFTOVERS_AFTER, "")


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
        """Folds every event that is there when it starts; a gallery that is gone is erased. Answers the number folded.

        Raises StoreUnavailable, also where other compactions keep coming first."""
        folded = overtaken = 0
        while overtaken < TRIES:
            state = self._log.state(gallery)
            if state is None:
                self.erase(gallery)
                return folded
            events = self._log.all_events(gallery, ROUND_EVENTS)
            try:
                folded += self._round(gallery, state, events)
            except _Overtaken:
                overtaken += 1
                continue
            if len(events) < ROUND_EVENTS:
                self._remove_leftovers(gallery)
                return folded
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
            self._replace(gallery, state, new, folded)
        for event in events:
            if event.kind == PERSON_REMOVED:  # whose faces' rows may have been left by a process that died
                self._galleries.remove_faces_of(gallery, PersonId(unpacked(event.person)))
        self._log.drop(gallery, [event for event in events if event.sequence <= folded.get(event.shard, 0)])
        return len(new)

    def _replace(self, gallery: GalleryId, state: State, events: Sequence[Event], folded: Mapping[str, int]) -> None:
        """New segments, then the new manifest, then the old segments go."""
        started = time.monotonic()
        kept, replaced, pool = self._plan(gallery, state, events)
        written = self._write(gallery, pool)
        in_time = time.monotonic() - started < WITHIN_SECONDS
        if not in_time or not self._log.fold(gallery, state, (*kept, *written), folded):
            for ref in written:
                self._delete(gallery, ref.key)
            raise _Overtaken
        for ref in replaced:
            self._delete(gallery, ref.key)

    def _plan(
        self, gallery: GalleryId, state: State, events: Sequence[Event]
    ) -> tuple[list[SegmentRef], list[SegmentRef], Segment]:
        """The segments that stay, those that go, and the faces of new ones."""
        faces = {event.face for event in events if event.kind == FACE_REMOVED}
        persons = {event.person for event in events if event.kind == PERSON_REMOVED}
        entries = Segment.of(added(events, faces, persons))
        kept, replaced, pool = [], [], []
        for ref in state.segments:
            if self._is_touched(gallery, ref, faces, persons) or (len(entries) and ref.count < SMALL_FACES):
                replaced.append(ref)
                pool.append(self._read(gallery, ref).without(faces, persons))
            else:
                kept.append(ref)
        return kept, replaced, Segment.concat([*pool, entries])

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
        """Segments that no manifest names, written so long ago that no compaction is about to name them."""
        before = self._clock() - LEFTOVERS_AFTER
        unknown = list(self._segments.stored(gallery, before))
        if unknown:
            state = self._log.state(gallery)
            named = {ref.key for ref in state.segments} if state else set()
            for key in set(unknown) - named:
                self._delete(gallery, key)


def _unfolded(state: State, events: Sequence[Event]) -> tuple[list[Event], dict[str, int]]:
    """The events that the segments do not hold, as far as they follow on each other, and up to where they reach."""
    folded, new = dict(state.folded), []
    for event in events:
        if event.sequence == folded.get(event.shard, 0) + 1:
            folded[event.shard] = event.sequence
            new.append(event)
    return new, folded
