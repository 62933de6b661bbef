"""`python dev.py keys` on a ring in a file, and on one in a Key Vault on this machine."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from infra.keys.__main__ import main
from infra.keys.places import KEY_RING, Place, RingFile, RingSecret
from infra.local.azurite import Azurite
from infra.secrets.vault import Vault
from shared.clock import system_clock
from shared.people.audit_trail import ENROL, AuditTrail, Event
from shared.store.audit_chains import AuditChains
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import FaceIds
from shared.store.key_ring import KeyRing, KeyRingError
from shared.store.live_ring import LiveRing
from shared.store.tables import Tables
from tests.key_vault import AUDIENCE, KeyVault, key_vault
from tests.store.entra import token

Run = Callable[..., int]


@pytest.fixture
def vault() -> Iterator[KeyVault]:
    with key_vault() as found:
        yield found


@pytest.fixture(params=["file", "vault"])
def place(request: pytest.FixtureRequest, vault: KeyVault, tmp_path: Path) -> Place:
    if request.param == "file":
        return RingFile(tmp_path / "ring.json")
    return RingSecret(Vault(vault.url, lambda: token(AUDIENCE)))


@pytest.fixture
def run(place: Place) -> Run:
    """The command with this place."""
    if isinstance(place, RingFile):
        return lambda command: main([command, "--file", str(place.path)])
    assert isinstance(place, RingSecret)
    return lambda command: main([command, "--vault", place.vault.url], place.vault)


def test_ring_is_created_once_and_never_replaced(run: Run, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("create") == 0
    made = place.read()
    assert list(made.keys) == [made.active]
    assert run("create") == 0
    assert place.read() == made
    first, second = capsys.readouterr().out.splitlines()
    assert (first, second) == (f"made: {place}", f"there already, and left as it is: {place}")


def test_key_that_is_added_is_active_and_the_others_stay(run: Run, place: Place) -> None:
    run("create")
    before = place.read()
    assert run("add") == 0
    after = place.read()
    assert after.active not in before.keys
    assert after.keys.items() > before.keys.items()
    assert after.activated


def test_list_tells_each_key_by_its_id_and_shows_none(
    run: Run, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    run("create")
    run("add")
    assert run("list") == 0
    said = capsys.readouterr()
    ring = place.read()
    old = next(name for name in ring.keys if name != ring.active)
    assert f"{old}  opens what it sealed" in said.out
    assert f"{ring.active}  active since 20" in said.out
    assert not any(base64.b64encode(key).decode() in said.out + said.err for key in ring.keys.values())


def test_ring_that_somebody_else_changed_meanwhile_is_left_as_it_is(place: Place) -> None:
    place.create()
    theirs: list[KeyRing] = []

    def changed(ring: KeyRing) -> KeyRing:
        theirs.append(place.change(lambda other: other.with_new_key(system_clock())))
        return ring.with_new_key(system_clock())

    with pytest.raises(KeyRingError, match="changed meanwhile"):
        place.change(changed)
    assert place.read().text() == theirs[0].text()


def test_ring_that_is_not_there_or_is_none_is_one_line(
    run: Run, place: Place, vault: KeyVault, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("add", "list"):
        assert run(command) == 1
    vault.secrets[KEY_RING] = ["nonsense"]
    if isinstance(place, RingFile):
        place.path.write_text("nonsense")
    assert run("add") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert all(line.startswith("keys: ") and str(place) in line and "nonsense" not in line for line in said)


def test_file_of_the_environment_is_meant_where_nothing_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FACE_KEY_RING_FILE", str(tmp_path / "ring.json"))
    assert main(["create"]) == 0
    assert (tmp_path / "ring.json").exists()
    monkeypatch.delenv("FACE_KEY_RING_FILE")
    with pytest.raises(SystemExit):
        main(["create"])
    assert "say which ring" in capsys.readouterr().err


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Empty at first: the commands read all of it."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def ring(tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a key under which there are a faceId and a chain of the audit trail, and a newer one."""
    monkeypatch.setenv("AzureWebJobsStorage", storage)
    path = tmp_path / "ring.json"
    assert main(["create", "--file", str(path)]) == 0
    live, tables = LiveRing.of_file(path), Tables(storage)
    faces = FaceIds(tables, Expiries(tables), Cipher(live), system_clock)
    faces.commit(faces.reserve(1, timedelta(hours=1)), "recognition_04", "fused-384", np.eye(1, 384, dtype=np.float32))
    chains = AuditChains(tables, Expiries(tables), timedelta(days=1), system_clock)
    AuditTrail(chains, live, True, system_clock).note(Event(ENROL, "CreatePerson", {}))
    assert main(["add", "--file", str(path)]) == 0
    return path


def retire(ring: Path, *options: str) -> int:
    (old,) = KeyRing.load(ring).keys.keys() - {KeyRing.load(ring).active}
    return main(["retire", old, "--file", str(ring), *options])


def test_report_tells_what_is_under_which_key(ring: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["report", "--file", str(ring)]) == 0
    old, new, *_ = capsys.readouterr().out.splitlines()
    keys = list(KeyRing.load(ring).keys)
    assert old == f"{keys[0]}  1 audit chains, 1 faceIds"
    assert new == f"{keys[1]}  active: nothing"


def test_key_is_retired_only_when_nothing_needs_it(
    ring: Path, storage: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ring.read_bytes()
    assert retire(ring) == 1
    assert "less than a day ago" in capsys.readouterr().err
    monkeypatch.setattr("infra.keys.use.SETTLED_AFTER", timedelta())
    assert retire(ring, "--drop-proofs") == 1
    assert "still needed: 1 faceIds" in capsys.readouterr().err
    table = Tables(storage).table("faceids")
    for row in list(table.query("PartitionKey ge @first", first="")):
        table.delete(row["PartitionKey"], [row["RowKey"]])
    assert retire(ring) == 1
    assert "has made 1 audit chains" in capsys.readouterr().err
    assert ring.read_bytes() == before
    assert retire(ring, "--drop-proofs") == 0
    assert list(KeyRing.load(ring).keys) == [KeyRing.load(ring).active]


@pytest.mark.parametrize("which", ["active", "unknown"])
def test_active_and_unknown_keys_are_not_retired(ring: Path, which: str) -> None:
    before = ring.read_bytes()
    key = KeyRing.load(ring).active if which == "active" else which
    assert main(["retire", key, "--file", str(ring)]) == 1
    assert ring.read_bytes() == before
