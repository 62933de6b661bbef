"""What needs which key of the ring, and taking one out that nothing needs."""

import argparse
import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from infra.keys.places import Place
from shared.clock import system_clock
from shared.people.key_use import PROOFS, KeyUse
from shared.settings import storage
from shared.store.audit_chains import AuditChains
from shared.store.cipher import Cipher
from shared.store.erasures import Erasures
from shared.store.expiries import Expiries
from shared.store.key_ring import KeyRingError
from shared.store.live_ring import LiveRing
from shared.store.reseals import Reseals
from shared.store.segments import DiskCache, Segments
from shared.store.session_images import SessionImages
from shared.store.tables import Tables

LASTING = frozenset({"faces", "events", "manifests", "segments"})
"""What re-sealing is about."""
SETTLED_AFTER = timedelta(days=1)
"""Until then a process that could not look at the ring since may still seal under the key before (LiveRing)."""


def report(place: Place, _: argparse.Namespace) -> None:
    ring, used = place.read(), count(place)
    for name in (*ring.keys, *sorted(used.keys() - ring.keys.keys())):
        state = "active: " if name == ring.active else "" if name in ring.keys else "NOT IN THE RING: "
        shown = name if name in ring.keys else ascii(name)  # out of storage
        print(f"{shown}  {state}{_told(used.get(name, Counter())) or 'nothing'}")


def retire(place: Place, options: argparse.Namespace) -> None:
    ring = place.read()
    ring.without(options.key)
    if ring.activated and system_clock() - ring.activated < SETTLED_AFTER:
        raise KeyRingError("the active key was added less than a day ago: wait")
    used = count(place).get(options.key, Counter())
    if LASTING & used.keys():  # what was left out once is not left out again
        Reseals(Tables(storage(os.environ)), Cipher(LiveRing(place.read))).forget()
    if lasting := {kind: many for kind, many in used.items() if kind not in PROOFS}:
        raise KeyRingError(f"{options.key} is still needed: {_told(lasting)}")
    if used and not options.drop_proofs:
        raise KeyRingError(f"{options.key} has made {_told(used)}, which nobody can check without it: --drop-proofs")
    place.change(lambda ring: ring.without(options.key))
    print(f"{options.key} is not in {place} any more. Take it out of your copies, and of earlier versions, too.")


def count(place: Place) -> dict[str, Counter[str]]:
    """Reads everything that is stored. Raises SettingsError, StoreUnavailable."""
    account = storage(os.environ)
    tables, cipher = Tables(account), Cipher(LiveRing(place.read))
    expiries, nowhere = Expiries(tables), DiskCache(Path(tempfile.gettempdir()), 0, timedelta())
    return KeyUse(
        tables,
        Segments(account, cipher, nowhere),
        SessionImages(account, cipher),
        AuditChains(tables, expiries, timedelta(), system_clock),
        Erasures(tables, expiries, system_clock),
    ).count()


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{many} {kind}" for kind, many in sorted(counts.items()))
