"""Verify, identify, find similar, group: what is asked about faces that detect gave ids to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.errors import (
    BadArgument,
    FaceListNotReady,
    FaceNotFound,
    PersistedFaceNotFound,
    PersonNotFound,
    PersonRestricted,
)
from shared.gallery import grouping, search
from shared.gallery.confidence import IDENTICAL
from shared.people.collections import Collection, Collections
from shared.people.directory import Directory
from shared.people.dynamic_groups import DynamicGroups
from shared.people.gallery_reader import GalleryReader, View
from shared.people.kinds import Kind
from shared.people.names import person_id
from shared.people.scores import Scores, identical
from shared.people.transient_faces import TransientFaces
from shared.store.face_ids import FaceId, StoredFace
from shared.store.galleries import Galleries, GalleryGone
from shared.store.ids import GalleryId, packed, unpacked

INCOMPATIBLE = "'recognitionModel' is incompatible."
NOTHING = -1.0  # the cosine that every face has
MARGIN = 1e-4  # what a minimum is lowered by, so that rounding of what is told decides, and not that of the cosine


@dataclass(frozen=True, slots=True)
class Verdict:
    """`confidence` on the published scale, as it is told; `identical` from 0.5 on, decided from what is told."""

    identical: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class CollectionScope:
    """A group to identify from, or a list to find similar faces in."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class DirectoryScope:
    """`person_ids` None: everybody."""

    person_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class DynamicGroupScope:
    id: str


IdentifyScope = CollectionScope | DirectoryScope | DynamicGroupScope


@dataclass(frozen=True, slots=True)
class FacesScope:
    face_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    person_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Identified:
    """Candidates best first."""

    face_id: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Similar:
    """Either a faceId or a persistedFaceId, as the scope was."""

    confidence: float
    face_id: str | None = None
    persisted_face_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """`groups` largest first, two faces or more each; `messy`: those that are like no other."""

    groups: list[list[str]]
    messy: list[str]


class Recognition:
    """Every method raises FaceNotFound where a faceId has expired or never was, BadArgument across recognition models,
    and across recognisers where another one stands behind a model's name since."""

    def __init__(
        self,
        transient_faces: TransientFaces,
        collections: Collections,
        galleries: Galleries,
        reader: GalleryReader,
        directory: Directory,
        dynamic_groups: DynamicGroups,
        scores: Scores,
    ) -> None:
        self._transient_faces = transient_faces
        self._collections = collections
        self._galleries = galleries
        self._reader = reader
        self._directory = directory
        self._dynamic_groups = dynamic_groups
        self._scores = scores

    # verify

    def verify_faces(self, one: str, other: str) -> Verdict:
        first, second = self._known([one, other], None)
        return self._verdict(first.recogniser, float(search.cosines(first.template[None], second.template)[0]))

    def verify_person(self, face: str, kind: Kind, group: str, person: str) -> Verdict:
        """Against the person's face that is most like it, trained or not. Raises the kind's `not_found` (400),
        PersonNotFound, PersonRestricted, PersistedFaceNotFound."""
        collection = self._named(kind, group)
        probe = self._known([face], collection.space)[0]
        return self._verify(probe, collection.gallery.key, person)

    def verify_directory_person(self, face: str, person: str) -> Verdict:
        """Raises PersonNotFound, PersonRestricted, PersistedFaceNotFound."""
        probe = self._known([face], None)[0]
        gallery = self._directory.gallery()
        if gallery is None:
            raise PersonNotFound
        return self._verify(probe, gallery.key, person)

    def _verify(self, probe: StoredFace, gallery: GalleryId, person: str) -> Verdict:
        guid = person_id(person)
        found = self._galleries.person(gallery, guid)
        if found is None:  # whose faces go only after the person
            raise PersonNotFound
        if found.restricted:
            raise PersonRestricted
        templates = self._galleries.templates(gallery, found, probe.recognition_model, probe.space)
        if not templates:
            raise PersistedFaceNotFound("No persisted face of the person is found.")
        return self._verdict(probe.recogniser, float(search.cosines(np.stack(templates), probe.template).max()))

    # identify

    def identify(
        self, faces: Sequence[str], scope: IdentifyScope, limit: int, threshold: float | None
    ) -> list[Identified]:
        """For each face the persons it may be, at least `threshold` (else 0.5) confident. Raises the kind's `not_found`
        and `not_trained` (400), and `training_not_finished`."""
        least = IDENTICAL if threshold is None else threshold
        if isinstance(scope, CollectionScope):
            collection = self._trained(scope.kind, scope.id)
            probes = self._living(faces, collection.space)
            with _gone(scope.kind):
                return self._identify(probes, collection.gallery.key, None, limit, least)
        only, directory = self._members(scope), self._directory.gallery()
        probes = self._living(faces, None)
        if directory is None:
            return [Identified(probe.face_id, ()) for probe in probes]
        return self._identify(probes, directory.key, only, limit, least)

    def _identify(
        self,
        probes: Sequence[StoredFace],
        gallery: GalleryId,
        only: frozenset[bytes] | None,
        limit: int,
        least: float,
    ) -> list[Identified]:

        def match(view: View) -> list[list[search.PersonMatch]]:
            return search.best_persons(
                view.parts(),
                _stack(probes),
                probes[0].space,
                limit,
                self._minimum(probes[0].recogniser, least),
                only=only,
                hidden_faces=view.hidden_faces,
                hidden_persons=view.hidden_persons,
            )

        matches = self._reader.read(gallery, match)
        return [self._identified(probe, found, least) for probe, found in zip(probes, matches, strict=True)]

    def _members(self, scope: DirectoryScope | DynamicGroupScope) -> frozenset[bytes] | None:
        if isinstance(scope, DynamicGroupScope):
            return self._dynamic_groups.members(scope.id)
        return None if scope.person_ids is None else frozenset(map(packed, scope.person_ids))

    # find similar

    def find_similar(self, face: str, scope: FacesScope | CollectionScope, mode: str, limit: int) -> list[Similar]:
        """The most similar faces, best first. `matchPerson`: those that are identical by confidence; `matchFace`: the
        most similar ones however little they are. Raises FaceListNotReady, and what identify raises."""
        least = IDENTICAL if mode == "matchPerson" else 0.0
        if isinstance(scope, FacesScope):
            return self._similar_faces(face, scope.face_ids, least, limit)
        collection = self._trained(scope.kind, scope.id)
        probe = self._living([face], collection.space)[0]
        minimum = self._minimum(probe.recogniser, least)

        def match(view: View) -> list[search.FaceMatch]:
            if view.members == 0 and not scope.kind.trains:
                raise FaceListNotReady
            return search.best_faces(
                view.parts(), _stack([probe]), probe.space, limit, minimum, hidden_faces=view.hidden_faces
            )[0]

        with _gone(scope.kind):
            found = self._reader.read(collection.gallery.key, match)
        told = [
            Similar(self._scores.confidence(probe.recogniser, one.cosine), persisted_face_id=unpacked(one.face))
            for one in found
        ]
        return [similar for similar in told if similar.confidence >= least]

    def _similar_faces(self, face: str, candidates: Sequence[str], least: float, limit: int) -> list[Similar]:
        probe, *others = self._living([face, *dict.fromkeys(candidates)], None)
        cosines = search.cosines(_stack(others), probe.template)
        told = [
            Similar(self._scores.confidence(probe.recogniser, float(cosine)), face_id=other.face_id)
            for other, cosine in zip(others, cosines, strict=True)
        ]
        ranked = sorted(told, key=lambda similar: (-similar.confidence, similar.face_id or ""))
        return [similar for similar in ranked if similar.confidence >= least][:limit]

    # group

    def group(self, faces: Sequence[str]) -> Grouping:
        """Faces that look like one person's together: average linkage, for the reasons and with the accuracy that
        shared/gallery/grouping.py states."""
        found = self._living(list(dict.fromkeys(faces)), None)
        minimum = self._scores.cosine_at(found[0].recogniser, grouping.TOGETHER)
        groups = [[str(found[row].face_id) for row in rows] for rows in grouping.group(_stack(found), minimum)]
        return Grouping([group for group in groups if len(group) > 1], [one for one, *more in groups if not more])

    # what they share

    def _named(self, kind: Kind, key: str) -> Collection:
        """A collection that the body names: where it is not there, the contract answers 400."""
        try:
            return self._collections.get(kind, key)
        except kind.not_found as missing:
            raise kind.not_found(missing.message, status=400) from None

    def _trained(self, kind: Kind, key: str) -> Collection:
        collection = self._named(kind, key)
        if kind.not_trained is None or (collection.training and collection.training.succeeded):
            return collection
        if kind.training_not_finished and self._collections.is_training(collection):
            raise kind.training_not_finished
        raise kind.not_trained(kind.untrained_message, status=400)

    def _living(self, faces: Sequence[str], space: str | None) -> list[StoredFace]:
        """As `_known`; but a face that is not there is told as an error of the request."""
        try:
            return self._known(faces, space)
        except FaceNotFound:
            raise FaceNotFound(status=400) from None

    def _known(self, faces: Sequence[str], space: str | None) -> list[StoredFace]:
        """In their order, all of one template space, and of `space` where it is given; of a recogniser that this
        process has the scale of."""
        found = self._transient_faces.living([FaceId(face) for face in faces])
        if {face.space for face in found} != {space or found[0].space} or not self._scores.knows(found[0].recogniser):
            raise BadArgument(INCOMPATIBLE)
        return found

    # from cosines to what is told

    def _verdict(self, recogniser: str, cosine: float) -> Verdict:
        told = self._scores.confidence(recogniser, cosine)
        return Verdict(identical(told), told)

    def _identified(self, probe: StoredFace, matches: Sequence[search.PersonMatch], least: float) -> Identified:
        told = (
            Candidate(unpacked(match.person), self._scores.confidence(probe.recogniser, match.cosine))
            for match in matches
        )
        return Identified(probe.face_id, tuple(candidate for candidate in told if candidate.confidence >= least))

    def _minimum(self, recogniser: str, least: float) -> float:
        return NOTHING if least <= 0 else self._scores.cosine_at(recogniser, least) - MARGIN


@contextmanager
def _gone(kind: Kind) -> Iterator[None]:
    """Where a collection is deleted while it is searched."""
    try:
        yield
    except GalleryGone:
        raise kind.not_found(status=400) from None


def _stack(faces: Sequence[StoredFace]) -> NDArray[np.float32]:
    return np.stack([face.template for face in faces])
