"""The Person Directory: persons who belong to no group, and their faces of each recognition model."""

import azure.functions as func

from shared.wire.answers import Accepted
from shared.wire.call import Call
from shared.wire.collection import NamedChanges, NewNamed, Page
from shared.wire.objects import ImageUrl
from shared.wire.operation import DIRECTORY_VERSIONS, operation
from shared.wire.persisted_face import AddFaceQuery, FaceAdded, FaceChanges, PersistedFace
from shared.wire.person import DirectoryPerson, GroupReferences, PersonCreated, PersonFaces

blueprint = func.Blueprint()

PERSONS = "face/{version}/persons"
PERSON = f"{PERSONS}/{{personId}}"
FACES = f"{PERSON}/recognitionModels/{{recognitionModel}}/persistedfaces"
FACE = f"{FACES}/{{persistedFaceId}}"


@operation(
    blueprint,
    "CreatePerson",
    "POST",
    PERSONS,
    action="persons/action",
    versions=DIRECTORY_VERSIONS,
    covers=("CreatePerson", "PersonDirectory_CreatePerson"),
)
def create_person(call: Call[None, NewNamed]) -> Accepted[PersonCreated]:
    """A new person, without faces."""
    person, operation_id = call.services.directory.create(call.body.name, call.body.user_data, call.terms)
    return Accepted(PersonCreated(person), f"operations/{operation_id}", f"persons/{person}")


@operation(
    blueprint,
    "GetPersons",
    "GET",
    PERSONS,
    action="persons/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetPersons", "PersonDirectory_GetPersons"),
)
def get_persons(call: Call[Page, None]) -> list[DirectoryPerson]:
    """Those after `start`, ascending by id, at most `top`."""
    found = call.services.directory.list(call.query.start, call.query.top)
    return [DirectoryPerson(one.person_id, one.name, one.user_data) for one in found]


@operation(
    blueprint,
    "GetPerson",
    "GET",
    PERSON,
    action="persons/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetPerson", "PersonDirectory_GetPerson"),
)
def get_person(call: Call[None, None]) -> DirectoryPerson:
    """The name and the userData."""
    found = call.services.directory.get(call.path["personId"])
    return DirectoryPerson(found.person_id, found.name, found.user_data)


@operation(
    blueprint,
    "UpdatePerson",
    "PATCH",
    PERSON,
    action="persons/write",
    versions=DIRECTORY_VERSIONS,
    covers=("UpdatePerson", "PersonDirectory_UpdatePerson"),
)
def update_person(call: Call[None, NamedChanges]) -> None:
    """Change the name, the userData or both."""
    call.services.directory.update(call.path["personId"], call.body.name, call.body.user_data)


@operation(
    blueprint,
    "DeletePerson",
    "DELETE",
    PERSON,
    action="persons/delete",
    versions=DIRECTORY_VERSIONS,
    covers=("DeletePerson", "PersonDirectory_DeletePerson"),
)
def delete_person(call: Call[None, None]) -> Accepted[None]:
    """Delete the person with all faces; nothing finds them from then on."""
    return Accepted(None, f"operations/{call.services.directory.delete(call.path['personId'])}")


@operation(
    blueprint,
    "GetDynamicPersonGroupReferences",
    "GET",
    f"{PERSON}/dynamicPersonGroupReferences",
    action="persons/dynamicpersongroupreferences/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetDynamicPersonGroupReferences", "PersonDirectory_ListDynamicPersonGroupPersonReferences"),
)
def get_references(call: Call[Page, None]) -> GroupReferences:
    """Ids of the dynamic groups that hold the person: those after `start`, ascending, at most `top`."""
    page = call.query
    return GroupReferences(list(call.services.directory.references(call.path["personId"], page.start, page.top)))


@operation(
    blueprint,
    "AddPersonFace",
    "POST",
    FACES,
    action="persons/recognitionmodels/persistedfaces/write",
    versions=DIRECTORY_VERSIONS,
    covers=(
        "AddPersonFace",
        "AddPersonFaceFromUrl",
        "PersonDirectory_AddPersonFaceFromStream",
        "PersonDirectory_AddPersonFaceFromUrl",
    ),
)
def add_face(call: Call[AddFaceQuery, bytes | ImageUrl]) -> Accepted[FaceAdded]:
    """Keep the template of the one face that is meant; the picture is not kept."""
    person, model, query = call.path["personId"], call.path["recognitionModel"], call.query
    with call.services.images.taken(call.body) as picture:
        face, operation_id = call.services.directory.add_face(
            person, model, picture, query.target, query.detection_model, query.user_data
        )
    place = f"persons/{person}/recognitionModels/{model}/persistedfaces/{face}"
    return Accepted(FaceAdded(face), f"operations/{operation_id}", place)


@operation(
    blueprint,
    "GetPersonFaces",
    "GET",
    FACES,
    action="persons/recognitionmodels/persistedfaces/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetPersonFaces", "PersonDirectory_GetPersonFaces"),
)
def get_faces(call: Call[None, None]) -> PersonFaces:
    """Ids of the person's faces of one recognition model."""
    person = call.path["personId"]
    return PersonFaces(person.lower(), list(call.services.directory.faces(person, call.path["recognitionModel"])))


@operation(
    blueprint,
    "GetPersonFace",
    "GET",
    FACE,
    action="persons/recognitionmodels/persistedfaces/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetPersonFace", "PersonDirectory_GetPersonFace"),
)
def get_face(call: Call[None, None]) -> PersistedFace:
    """Its userData."""
    path = call.path
    found = call.services.directory.face(path["personId"], path["recognitionModel"], path["persistedFaceId"])
    return PersistedFace(found.face_id, found.user_data)


@operation(
    blueprint,
    "UpdatePersonFace",
    "PATCH",
    FACE,
    action="persons/recognitionmodels/persistedfaces/write",
    versions=DIRECTORY_VERSIONS,
    covers=("UpdatePersonFace", "PersonDirectory_UpdatePersonFace"),
)
def update_face(call: Call[None, FaceChanges]) -> None:
    """Replace its userData."""
    path, data = call.path, call.body.user_data
    call.services.directory.update_face(path["personId"], path["recognitionModel"], path["persistedFaceId"], data)


@operation(
    blueprint,
    "DeletePersonFace",
    "DELETE",
    FACE,
    action="persons/recognitionmodels/persistedfaces/delete",
    versions=DIRECTORY_VERSIONS,
    covers=("DeletePersonFace", "PersonDirectory_DeletePersonFace"),
)
def delete_face(call: Call[None, None]) -> Accepted[None]:
    """Delete it; nothing finds it from then on."""
    path, directory = call.path, call.services.directory
    operation_id = directory.delete_face(path["personId"], path["recognitionModel"], path["persistedFaceId"])
    return Accepted(None, f"operations/{operation_id}")
