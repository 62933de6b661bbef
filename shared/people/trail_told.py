"""What the entries of the audit trail come to: which records there have to be, and which there must not be.

An entry follows what it tells of, or never comes where its call died. So who was enrolled counts where that is told;
who was deleted is gone where that is told; and who is about to be deleted may be gone.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.clock import from_text, to_text
from shared.people import directory
from shared.people.audit_trail import DELETE, DELETING, ENROL, RESTRICT, RESTRICTING
from shared.people.kinds import KINDS
from shared.store.expiries import SKEW
from shared.store.ids import packed

LONGEST_CALL = timedelta(minutes=10)  # the host's limit
UNORDERED = 2 * (LONGEST_CALL + SKEW)
"""Of two entries that are less than this apart, either may tell of what was done first."""

K = TypeVar("K")
Entry = Mapping[str, Any]
Ids = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`owner`: of a person's face, 16 bytes. `of`: the collection ("persongroups|id")."""

    at: datetime
    is_person: bool
    owner: bytes
    of: str


@dataclass(slots=True)
class Restriction:
    """Of a record. `at`, `is_set`: the last that was done. `asked`: when it was last asked for, and when to lift it."""

    at: datetime | None = None
    is_set: bool = False
    asked: dict[bool, datetime] = field(default_factory=dict)

    @property
    def sure(self) -> bool | None:
        """Whether the record is restricted, where that can be told."""
        if self.at is None:
            return None
        other = self.asked.get(not self.is_set)
        return None if other and other > self.at - UNORDERED else self.is_set


@dataclass(slots=True, eq=False)
class Told:
    """Records are told by the 16 bytes of their ids, none of which is used twice. `gone`: those that were deleted, and
    when. `going`: they, and those that were about to be. `ends`, `ending`: the same of collections, whose ids may be
    used again, each with the last time. `galleries`: those of collections that were deleted, and when. The others: the
    gallery that a request was about to delete, and when it had; what an erasure was about to, and when."""

    enrolled: dict[bytes, Enrolled] = field(default_factory=dict)
    gone: dict[bytes, datetime] = field(default_factory=dict)
    going: set[bytes] = field(default_factory=set)
    ends: dict[str, datetime] = field(default_factory=dict)
    ending: dict[str, datetime] = field(default_factory=dict)
    galleries: dict[str, datetime] = field(default_factory=dict)
    restrictions: dict[bytes, Restriction] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)
    _done: dict[str, datetime] = field(default_factory=dict)
    _erasing: dict[str, set[bytes]] = field(default_factory=dict)
    _erased: dict[str, datetime] = field(default_factory=dict)

    def take(self, entry: Mapping[str, Any]) -> None:
        """One entry, in whatever order; the same may come twice."""
        kinds = {ENROL: self._enrol, DELETING: self._deleting, DELETE: self._delete}
        kinds |= {RESTRICTING: self._restricting, RESTRICT: self._restrict}
        if entry["kind"] in kinds:
            kinds[entry["kind"]](entry["ids"], from_text(entry["at"]), entry)

    def settle(self) -> None:
        """Once all were taken: what they come to where one names another."""
        for erasure, at in self._erased.items():
            self._goes(self._erasing.get(erasure, ()), at)
        for request, at in self._done.items():
            if request in self._asked:
                self.galleries[self._asked[request]] = at
        for raw in self.gone:
            self.enrolled.pop(raw, None)

    def must_be_there(self, since: datetime) -> Iterator[tuple[bytes, Enrolled]]:
        """Records that were enrolled after `since`, and are not about to go, nor their person or collection is."""
        for raw, one in self.enrolled.items():
            ended = self.ending.get(one.of)
            may_be_gone = raw in self.going or one.owner in self.going or (ended and ended > one.at - UNORDERED)
            if one.at > since and not may_be_gone:
                yield raw, one

    def must_be_gone(self, raw: bytes) -> str | None:
        """Why, in words; None where it may be there."""
        if raw in self.gone:
            return f"was deleted at {to_text(self.gone[raw])}"
        one = self.enrolled.get(raw)
        ended = self.ends.get(one.of) if one else None
        if one and ended and ended >= one.at + UNORDERED:
            return f"was enrolled in {one.of}, which was deleted at {to_text(ended)}"
        return None

    def _enrol(self, ids: Ids, at: datetime, _: Entry) -> None:
        persons, faces = _of(ids, "personId"), _of(ids, "persistedFaceId")
        owner = persons[0] if persons and faces else b""
        of = _collection(ids) or f"{directory.KIND}|{directory.KIND}"
        for raw in faces or persons:
            self.enrolled[raw] = Enrolled(at, not faces, owner, sys.intern(of))

    def _deleting(self, ids: Ids, at: datetime, entry: Entry) -> None:
        self.going.update(_records(ids))
        for erasure in ids.get("erasureId", ()):
            self._erasing.setdefault(erasure, set()).update(_records(ids))
        if of := _deleted_collection(ids):
            _last(self.ending, of, at)
            self._asked[entry["request"]] = ids["gallery"][0]

    def _delete(self, ids: Ids, at: datetime, entry: Entry) -> None:
        self._goes(_records(ids), at)
        for erasure in ids.get("erasureId", ()):
            self._erased[erasure] = min(at, self._erased.get(erasure, at))
        if of := _deleted_collection(ids):
            _last(self.ending, of, at)
            _last(self.ends, of, at)
            self._done[entry["request"]] = at

    def _goes(self, records: Iterable[bytes], at: datetime) -> None:
        for raw in records:
            self.going.add(raw)
            self.gone[raw] = min(at, self.gone.get(raw, at))

    def _restricting(self, ids: Ids, at: datetime, entry: Entry) -> None:
        for raw in (*_of(ids, "personId"), *_of(ids, "persistedFaceId")):
            _last(self.restrictions.setdefault(raw, Restriction()).asked, entry["operation"] == "restrict", at)

    def _restrict(self, ids: Ids, at: datetime, entry: Entry) -> None:
        is_set = entry["operation"] == "RestrictPersonalData"
        for raw in (*_of(ids, "personId"), *_of(ids, "persistedFaceId")):
            known = self.restrictions.setdefault(raw, Restriction())
            _last(known.asked, is_set, at)
            if known.at is None or at >= known.at:
                known.at, known.is_set = at, is_set


def _of(ids: Ids, name: str) -> list[bytes]:
    return [packed(text) for text in ids.get(name, ())]


def _records(ids: Ids) -> list[bytes]:
    """Those that are deleted. A face of a person is named with the person, who stays; an erasure names both sorts."""
    persons, faces = _of(ids, "personId"), _of(ids, "persistedFaceId")
    return [*persons, *faces] if "erasureId" in ids else faces or persons


def _collection(ids: Ids) -> str | None:
    """Empty: of none of these."""
    return next((f"{kind.path}|{ids[kind.id_field][0]}" for kind in KINDS.values() if ids.get(kind.id_field)), None)


def _deleted_collection(ids: Ids) -> str | None:
    return None if ids.keys() & {"personId", "persistedFaceId", "erasureId"} else _collection(ids)


def _last(times: dict[K, datetime], key: K, at: datetime) -> None:
    times[key] = max(at, times.get(key, at))
