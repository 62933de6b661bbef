"""What must be true of a gallery whenever nobody is writing to it, whatever happened before."""

from collections import Counter
from typing import Any

from shared.people.kinds import KINDS
from shared.store import catalogue
from shared.store.blobs import Blobs
from shared.store.gallery_log import GalleryRef, State
from shared.store.ids import GalleryId, PersonId, unpacked
from shared.store.memberships import JOINED, UNSETTLED
from shared.store.segments import CONTAINER
from tests.people.instances import Instance


def rows(instance: Instance, gallery: GalleryId, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Rows of a gallery's partition by their keys."""
    found = instance.stores.tables.table("galleries").query("PartitionKey eq @gallery", gallery=gallery)
    return {row["RowKey"]: row for row in found if row["RowKey"].startswith(prefix)}


def blobs(instance: Instance, gallery: GalleryId) -> set[str]:
    return set(instance.stores.segments.stored(gallery))


def state(instance: Instance, gallery: GalleryId) -> State:
    found = instance.stores.gallery_log.state(gallery)
    assert found is not None
    return found


def check(instance: Instance, gallery: GalleryRef) -> None:
    """Rows, counts, sequences and what search sees agree."""
    found = rows(instance, gallery.key)
    persons = {key.partition("|")[2]: row for key, row in found.items() if key.startswith("p|")}
    faces = [key.split("|")[1:] for key in found if key.startswith("f|")]
    owners = {owner for owner, _, _ in faces}
    if owners == {""}:
        assert _members(instance, gallery) == len(faces)
    else:
        assert owners <= set(persons)
        assert _members(instance, gallery) == len(persons)
        _check_persons(persons, faces)
    _check_sequences(instance, gallery, found)
    assert instance.visible(gallery.key) == sorted(face for _, _, face in faces)


def _members(instance: Instance, gallery: GalleryRef) -> int:
    return state(instance, gallery.key).members


def _check_persons(persons: dict[str, dict[str, Any]], faces: list[list[str]]) -> None:
    """The ids that stand with a person are those of the person's face rows, each once."""
    told = Counter(
        (person, column.removeprefix("faces_"), unpacked(ids[start : start + 16]))
        for person, row in persons.items()
        for column, ids in row.items()
        if column.startswith("faces_")
        for start in range(0, len(ids), 16)
    )
    assert told == Counter((owner, model, face) for owner, model, face in faces)


def _check_sequences(instance: Instance, gallery: GalleryRef, found: dict[str, dict[str, Any]]) -> None:
    """In every shard the events go from what is folded to the head without a gap."""
    now = state(instance, gallery.key)
    for shard, head in now.heads.items():
        sequences = [int(key.rpartition("|")[2], 16) for key in sorted(found) if key.startswith(f"e|{shard}|")]
        after = now.folded.get(shard, 0)
        assert [number for number in sequences if number > after] == list(range(after + 1, head.sequence + 1))


def check_catalogue(instance: Instance) -> None:
    """Each kind's count is the number of its collections, and what it has granted the sum of what they have."""
    found = list(instance.stores.tables.table("catalogue").query("PartitionKey ge @first", first=""))
    entries = Counter(row["PartitionKey"] for row in found if row["RowKey"] != "!count")
    counts = Counter({row["PartitionKey"]: row["count"] for row in found if row["RowKey"] == "!count"})
    assert counts == entries
    granted = Counter({row["PartitionKey"]: row.get("granted", 0) for row in found if row["RowKey"] == "!count"})
    for row in found:
        if row["RowKey"] != "!count":
            granted[row["PartitionKey"]] -= sum(catalogue.granted(row))
    assert not any(granted.values())


def check_nothing_is_left_over(instance: Instance) -> None:
    """Every row and every blob belongs to something that is there; what was removed is nowhere."""
    tables = instance.stores.tables
    catalogue = list(tables.table("catalogue").query("PartitionKey ge @first", first=""))
    living = {row["gallery"] for row in catalogue if "gallery" in row}
    partitions = {row["PartitionKey"] for row in tables.table("galleries").query("PartitionKey ge @first", first="")}
    assert partitions == living
    for row in catalogue:
        if row["PartitionKey"] in KINDS and "gallery" in row:
            check(instance, GalleryRef(GalleryId(row["gallery"]), row["shards"]))
    named = {f"{gallery}/{ref.key}" for gallery in living for ref in state(instance, gallery).segments}
    stored = {blob.name for blob in Blobs(instance.services.settings.storage, CONTAINER).list("")}
    assert stored == named
    _check_memberships(instance, catalogue)
    for gallery in living:
        assert not rows(instance, gallery, "r"), "a rebuild was not finished"
        _check_events_hold_nothing_removed(rows(instance, gallery))


def _check_memberships(instance: Instance, catalogue: list[dict[str, Any]]) -> None:
    """Both sides say the same, of groups and persons that are there."""
    groups = {row["group"]: row["RowKey"] for row in catalogue if "group" in row}
    found = list(instance.stores.tables.table("memberships").query("PartitionKey ge @first", first=""))
    members = {(row["PartitionKey"][2:], row["RowKey"]): row["state"] for row in found if "state" in row}
    assert not [key for _, key in members if key.startswith(UNSETTLED)]
    references = {(row["group"], row["PartitionKey"][2:]): row["RowKey"] for row in found if "group" in row}
    assert set(members.values()) <= {JOINED}
    assert references == {(group, person): groups[group] for group, person in members}
    directory = instance.services.directory.gallery()
    for person in {person for _, person in members}:
        assert directory
        assert instance.stores.galleries.person(directory.key, PersonId(person))


def _check_events_hold_nothing_removed(found: dict[str, dict[str, Any]]) -> None:
    faces = {key.rpartition("|")[2] for key in found if key.startswith("f|")}
    for key, row in found.items():
        if key.startswith("e|"):
            assert row["kind"] == "added"
            assert row["face"] in faces
