"""Built-in roles, and callers that have them."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from shared.access.actions import PRIVACY
from shared.settings import DATA_PROTECTION, RECOGNIZER, USER


@dataclass(frozen=True, slots=True)
class Role:
    """`name`: as the settings and the app roles of Entra ID spell it. `actions`: data actions, `*` for any text."""

    name: str
    actions: tuple[str, ...]

    def allows(self, action: str) -> bool:
        return any(fnmatchcase(action, pattern) for pattern in self.actions)


ROLES = {
    role.name: role
    for role in (
        # "Cognitive Services User" (a97b65f3-24c7-4388-baec-2e87135dc908)
        Role(USER, ("*",)),
        # "Cognitive Services Face Recognizer" (9894cab4-e18a-44aa-828b-cb588cd6f2d7), with the actions of Azure's
        Role(
            RECOGNIZER,
            (
                "detect/action",
                "verify/action",
                "identify/action",
                "group/action",
                "findsimilars/action",
                "detectliveness/multimodal/action",
                "detectliveness/singlemodal/action",
                "detectlivenesswithverify/singlemodal/action",
                "*/sessions/action",
                "*/sessions/delete",
                "*/sessions/read",
                "*/sessions/audit/read",
            ),
        ),
        # ours: what a data protection officer needs, and nothing that recognises anybody
        Role(DATA_PROTECTION, (f"{PRIVACY}*",)),
    )
}
"""By name, the one that allows most first."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. `name`: which key (`key:1`), or whose token (`entra:` and the object's id); no secret. `scopes`: what
    the user for whom an app calls has granted it, None where it calls for itself."""

    name: str
    roles: tuple[Role, ...]
    scopes: tuple[Role, ...] | None = None

    def may(self, action: str) -> bool:
        """What a role allows, and where the caller acts for a user, a scope too."""
        granted = any(role.allows(action) for role in self.roles)
        return granted and (self.scopes is None or any(scope.allows(action) for scope in self.scopes))

    @property
    def role(self) -> Role | None:
        """The one whose rates apply: of several the first of ROLES."""
        return next((role for role in ROLES.values() if role in self.roles), None)
