"""Keys: whoever shows one is its holder."""

import hmac
from collections.abc import Sequence

from shared.access.roles import ROLES, Principal
from shared.errors import AccessDenied, KeysDisabled
from shared.settings import RECOGNIZER, USER, Settings


class Keys:
    def __init__(self, holders: Sequence[tuple[str, Principal]], disabled: bool = False) -> None:
        """`holders`: each key with its principal."""
        self._holders = [(key.encode(), principal) for key, principal in holders]
        self._disabled = disabled

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        """Two of each kind, so that one can be changed while callers use the other. Each is told by the number of its
        setting, whether the other one is set or not."""
        kinds = (("key", USER, settings.keys), ("recognizer-key", RECOGNIZER, settings.recognizer_keys))
        return cls(
            [
                (key, Principal(f"{kind}:{number}", (ROLES[role],)))
                for kind, role, keys in kinds
                for number, key in enumerate(keys, start=1)
                if key
            ],
            settings.disable_local_auth,
        )

    def holder(self, given: str) -> Principal:
        """Each key is compared in full, in constant time. Raises AccessDenied, KeysDisabled."""
        if self._disabled:
            raise KeysDisabled
        shown = given.encode()
        matches = [principal for key, principal in self._holders if hmac.compare_digest(shown, key)]
        if not matches:
            raise AccessDenied
        return matches[0]
