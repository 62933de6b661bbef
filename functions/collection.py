"""FaceList, LargeFaceList, PersonGroup, LargePersonGroup as collections: what is asked of them is alike, whatever they
hold, and declared once for all kinds."""

from collections.abc import Callable

import azure.functions as func

from shared.people.kinds import KINDS, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.wire.answers import Accepted, Polled
from shared.wire.call import Call
from shared.wire.collection import (
    CollectionPage,
    LargeFaceList,
    LargePersonGroup,
    ModelQuery,
    NamedChanges,
    NewCollection,
    PersonGroup,
    TrainingResult,
    model_of,
    training_result,
)
from shared.wire.fields import RecognitionModel
from shared.wire.objects import WireObject
from shared.wire.operation import operation

blueprint = func.Blueprint()

Shape = Callable[[str, str, str | None, RecognitionModel | None], WireObject]
"""A kind's object, made of its id, name, userData and recognition model."""


def declare_changes(kind: Kind) -> None:
    """Create, update and delete."""
    name, path, one = kind.name, kind.path, f"face/{{version}}/{kind.path}/{{{kind.id_field}}}"

    @operation(
        blueprint,
        f"Create{name}",
        "PUT",
        one,
        action=f"{path}/write",
        covers=(f"Create{name}", f"{name}_Create"),
    )
    def create(call: Call[None, NewCollection]) -> None:
        """Make it, empty. Its recognition model is fixed for life."""
        body, model = call.body, call.body.recognition_model or "recognition_01"
        call.services.collections.create(kind, call.path[kind.id_field], body.name, body.user_data, model)

    @operation(
        blueprint,
        f"Update{name}",
        "PATCH",
        one,
        action=f"{path}/write",
        covers=(f"Update{name}", f"{name}_Update"),
    )
    def update(call: Call[None, NamedChanges]) -> None:
        """Change its name, its userData or both."""
        call.services.collections.update(kind, call.path[kind.id_field], call.body.name, call.body.user_data)

    @operation(
        blueprint,
        f"Delete{name}",
        "DELETE",
        one,
        action=f"{path}/delete",
        covers=(f"Delete{name}", f"{name}_Delete"),
    )
    def delete(call: Call[None, None]) -> None:
        """Delete it with all that it holds."""
        call.services.collections.delete(kind, call.path[kind.id_field])


def declare_reading(kind: Kind, shape: Shape) -> None:
    """Get and list, for kinds that are answered without what they hold."""
    name, path, every = kind.name, kind.path, f"face/{{version}}/{kind.path}"

    @operation(
        blueprint,
        f"Get{name}",
        "GET",
        f"{every}/{{{kind.id_field}}}",
        action=f"{path}/read",
        covers=(f"Get{name}", f"{name}_Get"),
        answer=shape,
    )
    def get(call: Call[ModelQuery, None]) -> WireObject:
        """Its name, its userData and, when asked for, its recognition model."""
        found = call.services.collections.get(kind, call.path[kind.id_field])
        return shape(found.id, found.name, found.user_data, model_of(found, call.query))

    @operation(
        blueprint,
        f"Get{name}s",
        "GET",
        every,
        action=f"{path}/read",
        covers=(f"Get{name}s", f"{name}_List"),
        answer=list[shape],  # type: ignore[valid-type]
    )
    def page(call: Call[CollectionPage, None]) -> list[WireObject]:
        """Those after `start`, ascending by id, at most `top`."""
        found = call.services.collections.list(kind, call.query.start, call.query.top)
        return [shape(one.id, one.name, one.user_data, model_of(one, call.query)) for one in found]


def declare_training(kind: Kind) -> None:
    """Train, and how it goes."""
    name, path, one = kind.name, kind.path, f"face/{{version}}/{kind.path}/{{{kind.id_field}}}"

    @operation(
        blueprint,
        f"Train{name}",
        "POST",
        f"{one}/train",
        action=f"{path}/train/action",
        covers=(f"Train{name}", f"{name}_Train"),
    )
    def train(call: Call[None, None]) -> Accepted[None]:
        """Prepare it to be searched, which goes on after the answer."""
        key = call.path[kind.id_field]
        call.services.training.start(kind, key)
        return Accepted(None, f"{path}/{key}/training")

    @operation(
        blueprint,
        f"Get{name}TrainingStatus",
        "GET",
        f"{one}/training",
        action=f"{path}/training/read",
        covers=(f"Get{name}TrainingStatus", f"{name}_GetTrainingStatus"),
    )
    def status(call: Call[None, None]) -> Polled[TrainingResult]:
        """The state of the last training that was asked for."""
        found = call.services.training.status(kind, call.path[kind.id_field])
        return Polled(training_result(found, call.version))


for every_kind in KINDS.values():
    declare_changes(every_kind)
for large_kind, its_shape in (
    (LARGE_FACE_LIST, LargeFaceList),
    (PERSON_GROUP, PersonGroup),
    (LARGE_PERSON_GROUP, LargePersonGroup),
):
    declare_reading(large_kind, its_shape)
    declare_training(large_kind)
