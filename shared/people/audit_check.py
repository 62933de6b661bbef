"""Whether the audit trail is as it was written: recomputes every chain, and holds it against what was said of it.

Processes may be writing to it meanwhile, which looks like a head or an anchor that says too much: a problem counts
where it is the same at a second look.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from shared.people.audit_trail import ANCHOR
from shared.store.audit_chains import AuditChains, Position, first, following

Key = Callable[[str], bytes]
"""The secret for the id of a ring's key. Raises KeyError."""


Take = Callable[[Mapping[str, Any]], None]
"""Is given an entry that is as it was written. It may be given one twice."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems`: each a line that begins with a chain; none: nothing that was said of the trail is missing or
    altered."""

    chains: int
    entries: int
    anchors: int
    problems: tuple[str, ...]


def check(chains: AuditChains, key: Key, outside: Iterable[Position] = (), told: Take = lambda _: None) -> Checked:
    """`outside`: positions that were kept elsewhere. Raises StoreUnavailable."""
    outside = list(outside)
    found = _check(chains, key, outside, told)
    if not found.problems:
        return found
    again = _check(chains, key, outside, told)
    return replace(again, problems=tuple(one for one in again.problems if one in found.problems))


def _check(chains: AuditChains, key: Key, outside: Iterable[Position], told: Take) -> Checked:
    registered, problems, entries = chains.chains(), list[str](), 0
    said, macs = list(outside), dict[tuple[str, int], str]()
    for chain, key_id in registered.items():
        try:
            secret = key(key_id)
        except KeyError:
            problems.append(f"{chain}: its key {key_id} is not in the ring")
            continue
        found = _Chain(chains, chain, secret, told)
        problems += found.problems
        entries += len(found.macs)
        said += found.anchors
        macs |= {(chain, sequence): mac for sequence, mac in found.macs.items()}
    problems += [f"{chain}: it was never registered" for chain in sorted(chains.partitions() - registered.keys())]
    problems += _contradicted(chains, said, macs, registered.keys())
    return Checked(len(registered), entries, len(said), tuple(dict.fromkeys(problems)))


def _contradicted(
    chains: AuditChains, said: Iterable[Position], macs: dict[tuple[str, int], str], registered: Iterable[str]
) -> Iterator[str]:
    """What anchors say that is not so. A chain whose time is over may be gone."""
    there = set(registered)
    for one in said:
        if one.chain not in there:
            try:
                if chains.is_kept(one.chain):
                    yield f"{one.chain}: the chain is missing"
            except ValueError:
                yield f"{one.chain}: there is no such chain"
        elif one.sequence and macs.get((one.chain, one.sequence)) != one.mac:
            yield f"{one.chain}: entry {one.sequence} is missing or another one than the anchor says"


class _Chain:
    """One chain, recomputed. `macs`: by sequence, as far as they are right."""

    def __init__(self, chains: AuditChains, chain: str, key: bytes, told: Take) -> None:
        self.macs: dict[int, str] = {}
        self.anchors: list[Position] = []
        self.problems: list[str] = []
        at = first(key, chain)
        for stored in chains.entries(chain):
            after = following(key, at, stored.entry)
            if stored.sequence != after.sequence:
                self.problems.append(f"{chain}: entry {after.sequence} is missing")
                break
            if stored.mac != after.mac:
                self.problems.append(f"{chain}: entry {after.sequence} was altered")
                break
            at = after
            self.macs[at.sequence] = at.mac
            entry = msgspec.json.decode(stored.entry)
            self.anchors += _anchors(entry)
            told(entry)
        else:
            self._check_head(chains.head(chain), at)

    def _check_head(self, head: Position | None, at: Position) -> None:
        if not at.sequence:  # each begins with an entry of its own
            self.problems.append(f"{at.chain}: it is empty: its process died at once, or all was taken away")
        elif head is None:
            self.problems.append(f"{at.chain}: its head is missing")
        elif head != at:
            self.problems.append(f"{at.chain}: its head says entry {head.sequence}, the last one is {at.sequence}")


def _anchors(entry: Mapping[str, Any]) -> list[Position]:
    return [position(text) for text in entry["ids"]["heads"]] if entry["kind"] == ANCHOR else []


def position(text: str) -> Position:
    """As anchors write it: chain, sequence, MAC. Raises ValueError."""
    chain, sequence, mac = text.split()
    return Position(chain, int(sequence), mac)
