"""python dev.py audit COMMAND: whether the audit trail, what is stored, or a receipt is as it was written.

    verify [--anchor "CHAIN SEQUENCE MAC"]...   every chain, against its head and all anchors; the service's settings
                                                say where it is and what opens it
    storage [--anchor ...]...                   what is stored, against itself and against the audit trail: whether
                                                somebody put something back or took it away
    receipt FILE [--keys JWKS]                  the keys from the file, or else those of the key ring

The exit code is 0 where all is well, 1 where something was changed or is missing, 2 where that could not be found out.
"""

import argparse
import json
import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from infra.audit import stored
from infra.azure_cli import AzureCli
from shared.clock import system_clock
from shared.people.audit_check import check, position
from shared.people.audit_trail import audit_key
from shared.people.receipts import ReceiptRefused, Receipts, checked
from shared.settings import SettingsError, key_ring, storage
from shared.store.audit_chains import AuditChains
from shared.store.expiries import Expiries
from shared.store.identity import act_as
from shared.store.key_ring import KeyRingError
from shared.store.live_ring import LiveRing
from shared.store.tables import StoreUnavailable, Tables


def verify(options: argparse.Namespace) -> int:
    ring, tables = opened_ring(), Tables(storage(os.environ))
    chains = AuditChains(tables, Expiries(tables), timedelta(), system_clock)
    found = check(chains, lambda key: audit_key(ring, key), [position(text) for text in options.anchor])
    for problem in found.problems:
        print(problem)
    print(f"{found.chains} chains, {found.entries} entries, {found.anchors} anchors, {len(found.problems)} problems")
    return 1 if found.problems else 0


def held_against(options: argparse.Namespace) -> int:
    outside = [position(text) for text in options.anchor]
    return stored.look(storage(os.environ), opened_ring(), system_clock, outside)


def receipt(options: argparse.Namespace) -> int:
    if options.keys:
        keys = json.loads(options.keys.read_text(encoding="utf-8"))["keys"]
    else:
        keys = Receipts(opened_ring(), "", system_clock).public_keys()
    try:
        told = checked(options.file.read_text(encoding="utf-8").strip(), keys)
    except ReceiptRefused as refused:
        print(f"the receipt is not one of this service's: {refused}")
        return 1
    print(json.dumps(told, indent=2))
    return 0


def opened_ring() -> LiveRing:
    """Raises SettingsError, KeyRingError."""
    return LiveRing.opened(*key_ring(os.environ))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python dev.py audit", description="Checks what is stored.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, run, told in (
        ("verify", verify, "every chain of the audit trail"),
        ("storage", held_against, "what is stored, by itself and by the trail"),
    ):
        one = commands.add_parser(name, help=told)
        one.add_argument("--anchor", action="append", default=[], metavar='"CHAIN SEQUENCE MAC"', help="kept elsewhere")
        one.set_defaults(run=run)
    other = commands.add_parser("receipt", help="the receipt of an erasure")
    other.add_argument("file", type=Path)
    other.add_argument("--keys", type=Path, metavar="JWKS", help="what GET /privacy/receiptkeys answered")
    other.set_defaults(run=receipt)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except (SettingsError, KeyRingError, StoreUnavailable, OSError, ValueError, KeyError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    act_as(AzureCli())
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main(sys.argv[1:]))
