"""Faces of lists and of persons in groups: alike, but for whose they are. In lists the path has no `personId`."""

import azure.functions as func

from shared.people.kinds import FACE_LIST, KINDS, Kind
from shared.store.terms import UNSAID
from shared.wire.call import Call
from shared.wire.objects import ImageUrl
from shared.wire.operation import operation
from shared.wire.persisted_face import AddFaceQuery, FaceAdded, FaceChanges, PersistedFace

blueprint = func.Blueprint()


def names(kind: Kind) -> tuple[str, str, str]:
    """The contract's word for whoever holds the faces, their route and their data actions."""
    holder = "/persons/{personId}" if kind.has_persons else ""
    action = f"{kind.path}/persons/persistedfaces" if kind.has_persons else f"{kind.path}/persistedfaces"
    route = f"face/{{version}}/{kind.path}/{{{kind.id_field}}}{holder}/persistedfaces"
    return kind.name + ("Person" if kind.has_persons else ""), route, action


def declare_enrolment(kind: Kind) -> None:
    """Add and delete."""
    holder, route, action = names(kind)

    @operation(
        blueprint,
        f"Add{holder}Face",
        "POST",
        route,
        action=f"{action}/write",
        covers=(
            f"Add{holder}Face",
            f"Add{holder}FaceFromUrl",
            f"{holder}_AddFaceFromStream",
            f"{holder}_AddFaceFromUrl",
        ),
    )
    def add(call: Call[AddFaceQuery, bytes | ImageUrl]) -> FaceAdded:
        """Keep the template of the one face that is meant; the picture is not kept."""
        key, person, query = call.path[kind.id_field], call.path.get("personId"), call.query
        agreed = UNSAID if kind.has_persons else call.terms
        meant = (query.target, query.detection_model, query.user_data)
        with call.services.images.taken(call.body) as picture:
            added = call.services.persisted_faces.add(kind, key, person, picture, *meant, agreed)
        return FaceAdded(added)

    @operation(
        blueprint,
        f"Delete{holder}Face",
        "DELETE",
        f"{route}/{{persistedFaceId}}",
        action=f"{action}/delete",
        covers=(f"Delete{holder}Face", f"{holder}_DeleteFace"),
    )
    def delete(call: Call[None, None]) -> None:
        """Delete it; nothing finds it from then on."""
        path = call.path
        call.services.persisted_faces.delete(kind, path[kind.id_field], path.get("personId"), path["persistedFaceId"])


def declare_user_data(kind: Kind) -> None:
    """Get and update."""
    holder, route, action = names(kind)

    @operation(
        blueprint,
        f"Get{holder}Face",
        "GET",
        f"{route}/{{persistedFaceId}}",
        action=f"{action}/read",
        covers=(f"Get{holder}Face", f"{holder}_GetFace"),
    )
    def get(call: Call[None, None]) -> PersistedFace:
        """Its userData."""
        path = call.path
        found = call.services.persisted_faces.get(
            kind, path[kind.id_field], path.get("personId"), path["persistedFaceId"]
        )
        return PersistedFace(found.face_id, found.user_data)

    @operation(
        blueprint,
        f"Update{holder}Face",
        "PATCH",
        f"{route}/{{persistedFaceId}}",
        action=f"{action}/write",
        covers=(f"Update{holder}Face", f"{holder}_UpdateFace"),
    )
    def update(call: Call[None, FaceChanges]) -> None:
        """Replace its userData."""
        path = call.path
        call.services.persisted_faces.update(
            kind, path[kind.id_field], path.get("personId"), path["persistedFaceId"], call.body.user_data
        )


for every_kind in KINDS.values():
    declare_enrolment(every_kind)
    if every_kind is not FACE_LIST:
        declare_user_data(every_kind)
