"""Who has logged in with `az login`, as Azure's clients take it: for what a person publishes, never for the service."""

import json
import shutil
import subprocess
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

SECONDS = 60.0


class AzureCli:
    """A TokenCredential."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Raises ClientAuthenticationError."""
        program = shutil.which("az")
        if program is None:
            raise ClientAuthenticationError("the Azure CLI is not installed: its program az is not on the PATH")
        resource = scopes[0].removesuffix("/.default")
        command = [program, "account", "get-access-token", "--resource", resource, "--output", "json"]
        try:
            answered = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
            document = json.loads(answered.stdout)
            return AccessToken(str(document["accessToken"]), int(document["expires_on"]))
        except subprocess.SubprocessError:
            raise ClientAuthenticationError("az gave no token: run `az login` first") from None
        except (ValueError, KeyError, TypeError):
            raise ClientAuthenticationError("az gave a token of another form: 2.54 or newer is needed") from None
