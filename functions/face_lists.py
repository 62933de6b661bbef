"""What is particular to lists: a FaceList is read with its faces, a LargeFaceList's are read by themselves."""

import azure.functions as func

from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST
from shared.wire.call import Call
from shared.wire.collection import FaceList, FaceListItem, ModelQuery, Page, model_of
from shared.wire.operation import operation
from shared.wire.persisted_face import PersistedFace

blueprint = func.Blueprint()


@operation(
    blueprint,
    "GetFaceList",
    "GET",
    "face/{version}/facelists/{faceListId}",
    action="facelists/read",
    covers=("GetFaceList", "FaceList_Get"),
)
def get_face_list(call: Call[ModelQuery, None]) -> FaceList:
    """Its name, its userData and all its faces."""
    services = call.services
    found = services.collections.get(FACE_LIST, call.path["faceListId"])
    faces = services.persisted_faces.of_list(found)
    return FaceList(
        face_list_id=found.id,
        name=found.name,
        user_data=found.user_data,
        recognition_model=model_of(found, call.query),
        persisted_faces=[PersistedFace(face.face_id, face.user_data) for face in faces],
    )


@operation(
    blueprint,
    "GetFaceLists",
    "GET",
    "face/{version}/facelists",
    action="facelists/read",
    covers=("GetFaceLists", "FaceList_List"),
)
def get_face_lists(call: Call[ModelQuery, None]) -> list[FaceListItem]:
    """All of them, without their faces, ascending by id."""
    found = call.services.collections.list(FACE_LIST)
    return [FaceListItem(one.id, one.name, one.user_data, model_of(one, call.query)) for one in found]


@operation(
    blueprint,
    "GetLargeFaceListFaces",
    "GET",
    "face/{version}/largefacelists/{largeFaceListId}/persistedfaces",
    action="largefacelists/persistedfaces/read",
    covers=("GetLargeFaceListFaces", "LargeFaceList_ListFaces"),
)
def get_large_face_list_faces(call: Call[Page, None]) -> list[PersistedFace]:
    """Those after `start`, ascending by id, at most `top`."""
    key, page = call.path["largeFaceListId"], call.query
    faces = call.services.persisted_faces.list(LARGE_FACE_LIST, key, page.start, page.top)
    return [PersistedFace(face.face_id, face.user_data) for face in faces]
