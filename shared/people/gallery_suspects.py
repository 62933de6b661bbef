"""Records of a gallery of which two rows say different things, or a row and what search looks at.

A face is told by its print: 16 bytes of its id, 16 of its owner's (zeros in a list), 16 of a hash of its template.
Turned back, templates are the same to the last bit wherever they stand (turning.py).
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from shared.gallery.segment import NOBODY, Segment, among, guids
from shared.people.terms_check import marks_of, record_of
from shared.store.gallery_log import GalleryRef
from shared.store.gallery_rows import GalleryRows, Row, StoredFace
from shared.store.ids import packed, unpacked
from shared.store.members import FACES, split
from shared.store.terms import face_record

PRINT_BYTES = 48
Key = tuple[str, str]
"""A record: a person and "", or "" and a face of a list."""

Prints = Mapping[Key, Counter[bytes]]
"""What search looks at of some records."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Its rows. `person`: None also in a list. `altered`: the keys of those that are not as they were written."""

    person: Row | None
    faces: tuple[StoredFace, ...]
    altered: frozenset[str]

    @classmethod
    def of(cls, rows: GalleryRows, person: Row | None, faces: Iterable[StoredFace]) -> "Record":
        faces = tuple(faces)
        there = [*([person] if person else []), *(face.row for face in faces)]
        return cls(person, faces, frozenset(row["RowKey"] for row in there if not rows.is_whole(row)))


@dataclass(slots=True, eq=False)
class Found:
    """All that search looks at. `prints`: one after the other, so that millions take no more than their bytes."""

    prints: bytearray = field(default_factory=bytearray)
    models: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Suspects:
    """What a first reading of all rows has found. `members`: of each shard. `marks`: the keys of rows that the terms of
    records ask for. `models`: those under which faces of a list may have their rows."""

    gallery: GalleryRef
    has_persons: bool
    is_whole: Callable[[Row], bool]
    prints: bytearray = field(default_factory=bytearray)
    keys: set[Key] = field(default_factory=set)
    members: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, gallery: GalleryRef, rows: GalleryRows, *, has_persons: bool) -> "Suspects":
        suspects = cls(gallery, has_persons, rows.is_whole)
        for owner, person, faces in _paired(rows.persons(gallery.key), rows.faces(gallery.key)):
            suspects._take(owner, person, faces)
        return suspects

    @property
    def prefixes(self) -> set[str]:
        """Of the keys of members' rows, before the id."""
        return {"p|"} if self.has_persons else {face_record(model, "") for model in self.models}

    def compare(self, found: Found | None) -> None:
        """With what search looks at; None where nobody can search it."""
        if found is not None:
            self.models |= found.models
            rows = set(_cut(self.prints))
            for one in _cut(found.prints):
                if one in rows:
                    rows.remove(one)
                else:  # not in the rows, or there a second time
                    self.keys.add(_key(one))
            self.keys |= set(map(_key, rows))

    def records(self, marks: Iterable[str]) -> dict[str, set[str]]:
        """Of which the rows about their terms are not those asked for, with these. `marks`: all that there are."""
        suspects: dict[str, set[str]] = {}
        for mark in self.marks ^ set(marks):
            suspects.setdefault(record_of(mark), set()).add(mark)
        return suspects

    def _take(self, owner: str, person: Row | None, faces: Iterable[StoredFace]) -> None:
        there = Counter[tuple[str, str]]()
        if person is not None:
            self._take_member(owner, person)
            if not self.is_whole(person):
                self.keys.add((owner, ""))
        for face in faces:
            if owner:
                there[face.model, face.face] += 1
            else:
                self.models.add(face.model)
                self._take_member(face.face, face.row)
            if face.template is None or not _is_sound(face) or not self.is_whole(face.row):
                self.keys.add((owner, "" if owner else face.face))
            elif person is not None or not owner:
                self.prints += _print_of(face, face.template)
        if owner and named_faces(person) != there:
            self.keys.add((owner, ""))

    def _take_member(self, member: str, row: Row) -> None:
        is_member = self.has_persons == str(row["RowKey"]).startswith("p|")
        self.members[self.gallery.shard(member)] += is_member
        try:
            self.marks |= marks_of(row)
        except ValueError:  # looked at again by whatever row about it there is, or is not
            self.marks.add(f"l|?|{row['RowKey']}")


def problems_of(key: Key, record: Record, found: Prints | None) -> Iterator[str]:
    """What is wrong with a record's faces, in words. `found`: None where nobody can search the gallery."""
    owner, _ = key
    for face in record.faces:
        if face.template is None:
            yield f"the template of {_told(owner, face.face)} does not open"
        elif not _is_sound(face):
            yield f"the row of {_told(owner, face.face)} is under another recognition model than its template"
        elif face.row["RowKey"] in record.altered:
            yield f"the row of {_told(owner, face.face)} was altered"
    if record.person is not None:
        if record.person["RowKey"] in record.altered:
            yield f"the row of person {owner} was altered"
        yield from _unnamed(owner, record)
    if found is not None:
        is_there = record.person is not None or not owner
        yield from _differences(owner, record.faces if is_there else (), found.get(key, Counter()))


def _unnamed(owner: str, record: Record) -> Iterator[str]:
    named = named_faces(record.person)
    if named is None:
        yield f"the faces that person {owner} names cannot be read"
        return
    there = Counter((face.model, face.face) for face in record.faces)
    for _, face in sorted((named - there).elements()):
        yield f"person {owner} names face {face}, which has no row"
    for _, face in sorted((there - named).elements()):
        yield f"{_told(owner, face)} has a row, and the person does not name it"


def _differences(owner: str, faces: Iterable[StoredFace], found: Counter[bytes]) -> Iterator[str]:
    rows = {packed(face.face): face for face in faces}
    seen = {one[:16]: one for one in found}
    for raw, face in sorted(rows.items()):
        if face.template is None:
            continue
        if raw not in seen:
            yield f"{_told(owner, face.face)} is in the rows, and not in search"
        elif seen[raw] != _print_of(face, face.template):
            yield f"{_told(owner, face.face)} has another template in its row than in search"
    for one, times in sorted(found.items()):
        if one[:16] not in rows:
            yield f"{_told(owner, unpacked(one[:16]))} is in search, and not in the rows"
        if times > 1:
            yield f"{_told(owner, unpacked(one[:16]))} is in search {times} times"


def every_print(parts: Iterable[Segment]) -> Found:
    found = Found()
    for part in parts:
        found.models.update(block.space.partition("/")[0] for block in part.blocks)
        for one in _prints(part):
            found.prints += one
    return found


def found_of(keys: Set[Key]) -> Callable[[Iterable[Segment]], Prints]:
    """What search looks at of these."""
    keys = frozenset(keys)
    owners = {packed(owner) for owner, _ in keys if owner}
    faces = {packed(face) for _, face in keys if face}

    def use(parts: Iterable[Segment]) -> Prints:
        found: dict[Key, Counter[bytes]] = {}
        for part in parts:
            for one in _prints(part, owners, faces):
                found.setdefault(_key(one), Counter())[one] += 1
        return found

    return use


def named_faces(person: Row | None) -> Counter[tuple[str, str]] | None:
    """Model and id of the faces that a person's row names. None where there is none, or it cannot be read."""
    if person is None:
        return None
    try:
        return Counter(
            (name.removeprefix(FACES), unpacked(face))
            for name, ids in person.items()
            if name.startswith(FACES)
            for face in split(ids)
        )
    except (ValueError, TypeError):
        return None


def _paired(
    persons: Iterator[Row], faces: Iterator[StoredFace]
) -> Iterator[tuple[str, Row | None, Iterable[StoredFace]]]:
    """Owner, the person's row and those of the faces. Both come ascending by owner."""
    person = next(persons, None)
    for owner, some in groupby(faces, attrgetter("owner")):
        while person is not None and _id(person) < owner:
            yield _id(person), person, ()
            person = next(persons, None)
        if person is not None and _id(person) == owner:
            yield owner, person, some
            person = next(persons, None)
        else:
            yield owner, None, some
    while person is not None:
        yield _id(person), person, ()
        person = next(persons, None)


def _id(person: Row) -> str:
    return str(person["RowKey"]).partition("|")[2]


def _prints(part: Segment, owners: Set[bytes] | None = None, faces: Set[bytes] = frozenset()) -> Iterator[bytes]:
    """Of all its faces, or where `owners` are given of these and of the faces named."""
    for block in part.blocks:
        chosen = np.ones(len(block), bool)
        if owners is not None:
            chosen = among(block.persons, owners) | among(block.faces, faces)
        some = block.take(chosen)
        for face, owner, template in zip(guids(some.faces), guids(some.persons), some.exact(), strict=True):
            yield face + owner + _digest(block.space, template)


def _cut(prints: bytearray) -> Iterator[bytes]:
    return (bytes(prints[at : at + PRINT_BYTES]) for at in range(0, len(prints), PRINT_BYTES))


def _print_of(face: StoredFace, template: NDArray[np.float32]) -> bytes:
    return packed(face.face) + packed(face.owner) + _digest(face.space, template)


def _digest(space: str, template: NDArray[np.float32]) -> bytes:
    return hashlib.blake2b(space.encode() + b"|" + template.tobytes(), digest_size=16).digest()


def _is_sound(face: StoredFace) -> bool:
    """Whether its key says what it is sealed to."""
    return face.space.partition("/")[0] == face.model


def _key(one: bytes) -> Key:
    """Of a print."""
    face, owner = one[:16], one[16:32]
    return ("", unpacked(face)) if owner == NOBODY else (unpacked(owner), "")


def _told(owner: str, face: str) -> str:
    return f"face {face} of person {owner}" if owner else f"face {face}"
