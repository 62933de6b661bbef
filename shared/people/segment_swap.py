"""Replaces segments of a gallery by others: what compaction and rebuild have in common.

New segments are written first, then the manifest is replaced on condition that it is the one that was read, then the
old segments go. What a dead or defeated writer leaves behind was announced beforehand (Removals)."""

from collections.abc import Iterable, Mapping, Sequence, Set

from shared.gallery.segment import Segment, guids
from shared.people.segment_cache import SegmentCache
from shared.store.gallery_log import GalleryLog, State
from shared.store.ids import GalleryId
from shared.store.manifests import SegmentRef, digest
from shared.store.segments import SegmentBroken, Segments

SEGMENT_FACES = 4096


class Overtaken(Exception):
    """Somebody else replaced the manifest first."""


def has_some(index: bytes, faces: Set[bytes], persons: Set[bytes]) -> bool:
    """Whether a segment of that index holds one of these."""
    of_faces, of_persons = Segment.ids_of(index)
    return not (faces.isdisjoint(guids(of_faces)) and persons.isdisjoint(guids(of_persons)))


class SegmentSwap:
    """Every method raises StoreUnavailable."""

    def __init__(self, gallery_log: GalleryLog, segments: Segments, cache: SegmentCache) -> None:
        self._log = gallery_log
        self._segments = segments
        self._cache = cache

    def read(self, gallery: GalleryId, ref: SegmentRef) -> Segment:
        """Raises Overtaken where it is gone, SegmentBroken."""
        segment = self._cache.get(gallery, ref.key)
        if segment is None:
            raise Overtaken
        return segment

    def write(self, gallery: GalleryId, pool: Segment) -> tuple[SegmentRef, ...]:
        return tuple(self._write(gallery, part) for part in pool.cut(SEGMENT_FACES))

    def _write(self, gallery: GalleryId, part: Segment) -> SegmentRef:
        """`part`: of one space."""
        index = part.index_bytes()
        return SegmentRef(self._segments.write(gallery, index, part.blocks[0].exact()), len(part), digest(index))

    def are_stored(self, gallery: GalleryId, refs: Iterable[SegmentRef]) -> bool:
        return {ref.key for ref in refs} <= set(self._segments.stored(gallery))

    def is_touched(self, gallery: GalleryId, ref: SegmentRef, faces: Set[bytes], persons: Set[bytes]) -> bool:
        """Whether it holds one of these. Raises Overtaken where it is gone, SegmentBroken."""
        if not faces and not persons:
            return False
        index = self._segments.read_index(gallery, ref.key)
        if index is None:
            raise Overtaken
        if digest(index) != ref.digest:
            raise SegmentBroken("a segment's index was altered")
        return has_some(index, faces, persons)

    def replace(
        self,
        gallery: GalleryId,
        state: State,
        replaced: Sequence[SegmentRef],
        pool: Segment,
        folded: Mapping[str, int],
    ) -> State:
        """`pool` in new segments for `replaced`, which go then. Answers the state after it. Raises Overtaken."""
        written = self.write(gallery, pool)
        segments = (*(ref for ref in state.segments if ref not in replaced), *written)
        done = self._log.fold(gallery, state, segments, folded)
        after = self._log.state(gallery)
        named = {ref.key for ref in after.segments} if after else set()
        if not done:  # or it was done, the answer lost, and others have gone on from there: what is named stays
            self.delete(gallery, {ref.key for ref in written} - named)
            raise Overtaken
        self.delete(gallery, {ref.key for ref in replaced} - named)
        if after is None or (after.segments, after.folded) != (segments, folded):
            raise Overtaken  # by one who may have folded the same events: what is left to do is to be seen anew
        return after

    def delete(self, gallery: GalleryId, keys: Set[str]) -> None:
        for key in keys:
            self._segments.delete(gallery, key)
            self._cache.drop(gallery, key)
