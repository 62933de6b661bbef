"""Calls of the `snapshot` operation group, which Azure has withdrawn: every one is refused as there."""

from tests.sdk.calls import Calls
from tests.sdk.old_client.errors import refused
from tests.sdk.old_client.world import World

NOBODYS = "00000000-0000-4000-8000-000000000000"
ARGUMENTS = {
    "take": ("FaceList", "some-list", [NOBODYS]),
    "list": (),
    "get": (NOBODYS,),
    "update": (NOBODYS, [NOBODYS], "userData"),
    "delete": (NOBODYS,),
    "apply": (NOBODYS, "other-list"),
    "get_operation_status": (NOBODYS,),
}

calls = Calls()


def refuse(method: str) -> None:
    @calls(method, "snapshot")
    def call(world: World, group: str) -> None:
        refused("UnsupportedFeature", lambda: getattr(world.operations(group), method)(*ARGUMENTS[method]))


for method in ARGUMENTS:
    refuse(method)
