"""The one door: who calls, whether they may, whether the owner approved of it, and how often."""

from shared.access.features import Approvals, needed
from shared.access.keys import Keys
from shared.access.roles import Principal
from shared.access.tokens import REFUSED, Tokens
from shared.errors import AccessDenied, PermissionDenied
from shared.pace import Pace, Rate

SCHEME = "bearer"


class Access:
    def __init__(
        self,
        keys: Keys,
        tokens: Tokens | None,
        approvals: Approvals,
        pace: Pace,
        caller_rates: dict[str, Rate],
        role_rates: dict[str, Rate],
    ) -> None:
        """`tokens`: None where no tenant is trusted. Rates by name of the role: of each caller, and of all together."""
        self._keys = keys
        self._tokens = tokens
        self.approvals = approvals
        self._pace = pace
        self._caller_rates = caller_rates
        self._role_rates = role_rates

    def admit(self, action: str, key: str, authorization: str) -> Principal:
        """`key`, `authorization`: what the headers hold, or nothing.

        Raises AccessDenied, KeysDisabled, PermissionDenied, UnsupportedFeature, TooManyRequests, ServiceUnavailable."""
        principal = self.caller(key, authorization)
        if not principal.may(action):
            raise PermissionDenied
        self.approvals.check(needed(action))
        self._pace.take(self._rates(principal))
        return principal

    def caller(self, key: str, authorization: str) -> Principal:
        """A key decides where there is one, whatever else is shown. Raises as above, but for permission."""
        if key:
            return self._keys.holder(key)
        if not authorization:
            raise AccessDenied
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != SCHEME or self._tokens is None:
            raise AccessDenied(REFUSED)
        return self._tokens.holder(token.strip(" "))

    def _rates(self, principal: Principal) -> dict[str, Rate]:
        role = principal.role.name if principal.role else ""
        rates = {f"caller {principal.name}": self._caller_rates.get(role), f"role {role}": self._role_rates.get(role)}
        return {name: rate for name, rate in rates.items() if rate is not None}
