"""python dev.py keys COMMAND: the key ring, whose active key seals and whose other keys open what they sealed.

It is the one in a deployment's Key Vault (--vault), or one in a file (--file; else FACE_KEY_RING_FILE says which).
`report` and `retire` read all of the storage account that AzureWebJobsStorage says, or the app's settings
AzureWebJobsStorage__tableServiceUri and so on; then as whoever has logged in with `az login`.
No key is ever shown. The exit code is 0 where it was done, 1 where not.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from azure.core.exceptions import ClientAuthenticationError

from infra.azure_cli import AzureCli
from infra.keys.places import Place, RingFile, RingSecret
from infra.keys.use import report, retire
from infra.secrets.vault import Vault, VaultError
from shared.clock import system_clock, to_text
from shared.settings import SettingsError
from shared.store.identity import act_as
from shared.store.key_ring import KeyRing, KeyRingError
from shared.store.tables import StoreUnavailable

Command = Callable[[Place, argparse.Namespace], None]


def create(place: Place, _: argparse.Namespace) -> None:
    print(f"made: {place}" if place.create() else f"there already, and left as it is: {place}")


def add(place: Place, _: argparse.Namespace) -> None:
    ring = place.change(lambda ring: ring.with_new_key(system_clock()))
    print(f"{ring.active} is the active key of {place}. Within about a minute every process seals under it.")
    print("Copies of the ring that you keep lack it: replace them now, before it has sealed what you need.")


def show(place: Place, _: argparse.Namespace) -> None:
    ring = place.read()
    for name in ring.keys:
        print(f"{name}  {_since(ring) if name == ring.active else 'opens what it sealed'}")


def _since(ring: KeyRing) -> str:
    return f"active since {to_text(ring.activated)}" if ring.activated else "active"


def main(arguments: list[str], vault: Vault | None = None) -> int:
    """`vault`: another one than the arguments name."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.vault and not options.file:
        parser.error("say which ring: --vault NAME, --file PATH, or FACE_KEY_RING_FILE in the environment")
    place = RingSecret(vault or Vault.named(options.vault)) if options.vault else RingFile(options.file)
    try:
        options.run(place, options)
    except (KeyRingError, VaultError, ClientAuthenticationError, SettingsError, StoreUnavailable, OSError) as error:
        print(f"keys: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python dev.py keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _runs(create, commands.add_parser("create", help="a ring with one key, where there is none"))
    _runs(add, commands.add_parser("add", help="one more key, which becomes the active one"))
    _runs(report, commands.add_parser("report", help="what is sealed or signed under which key; reads all of storage"))
    retiring = commands.add_parser("retire", help="take a key out that nothing needs any more")
    retiring.add_argument("key", metavar="KEY-ID")
    retiring.add_argument("--drop-proofs", action="store_true", help="though it has made chains of audit or receipts")
    _runs(retire, retiring)
    _runs(show, commands.add_parser("list", help="the ids of its keys, which one is active, and since when"))
    return parser


def _runs(run: Command, command: argparse.ArgumentParser) -> None:
    """With the place of the ring."""
    command.set_defaults(run=run)
    file = os.environ.get("FACE_KEY_RING_FILE", "").strip()
    place = command.add_mutually_exclusive_group()
    place.add_argument("--vault", metavar="NAME", help="its name, or https://NAME.vault.azure.net")
    place.add_argument("--file", type=Path, metavar="PATH", default=Path(file) if file else None)


if __name__ == "__main__":
    act_as(AzureCli())
    sys.exit(main(sys.argv[1:]))
