"""python dev.py secrets COMMAND --vault NAME: the API keys and the key ring in a deployment's Key Vault.

`make` makes what is not there and never replaces anything: it may run after every deployment. `rotate` gives one API
key a new value. Keys are added to the ring by `python dev.py keys`: a ring that is replaced is lost, and with it every
template.
"""

import argparse
import secrets
import sys

from azure.core.exceptions import ClientAuthenticationError

from infra.keys.places import KEY_RING, RingSecret
from infra.secrets.vault import Vault, VaultError

KEYS = ("face-key1", "face-key2")
RECOGNIZER_KEYS = ("face-recognizer-key1", "face-recognizer-key2")
KEY_BYTES = 32


def main(arguments: list[str], vault: Vault | None = None) -> int:
    """`vault`: another one than the arguments name."""
    options = _parser().parse_args(arguments)
    chosen = vault or Vault.named(options.vault)
    try:
        if options.command == "rotate":
            chosen.put(options.key, new_key())
            print(f"{options.key} has a new value: the app has it within a day, or once a setting of it is changed")
        else:
            make(chosen, recognizer=options.recognizer)
    except (VaultError, ClientAuthenticationError) as error:
        print(f"secrets: {error}", file=sys.stderr)
        return 1
    return 0


def make(vault: Vault, *, recognizer: bool) -> None:
    """Whatever is missing. Raises VaultError."""
    for name in (*KEYS, *(RECOGNIZER_KEYS if recognizer else ())):
        made = vault.get(name) is None
        if made:
            vault.put(name, new_key())
        _say(name, made=made)
    _say(KEY_RING, made=RingSecret(vault).create())


def _say(name: str, *, made: bool) -> None:
    print(f"made: {name}" if made else f"there already: {name}")


def new_key() -> str:
    return secrets.token_hex(KEY_BYTES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python dev.py secrets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    making = commands.add_parser("make", help="make what is not there")
    making.add_argument("--recognizer", action="store_true", help="two keys for those who may not enrol, too")
    rotating = commands.add_parser("rotate", help="give an API key a new value")
    rotating.add_argument("key", choices=(*KEYS, *RECOGNIZER_KEYS))
    for command in (making, rotating):
        command.add_argument("--vault", required=True, metavar="NAME", help="its name, or https://NAME.vault.azure.net")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
