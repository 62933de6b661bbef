import json
from pathlib import Path

import pytest

from shared.store.key_ring import KeyRing, KeyRingError, create_key_ring


def test_created_ring_holds_one_active_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ring.json"
    create_key_ring(path)
    ring = KeyRing.load(path)
    assert len(ring.keys[ring.active]) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_existing_ring_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    create_key_ring(path)
    before = path.read_bytes()
    create_key_ring(path)
    assert path.read_bytes() == before


def test_two_rings_have_different_keys(tmp_path: Path) -> None:
    for name in ("a", "b"):
        create_key_ring(tmp_path / name)
    assert KeyRing.load(tmp_path / "a").keys != KeyRing.load(tmp_path / "b").keys


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"active": "a", "keys": {}}',
        '{"active": "a", "keys": {"a": "c2hvcnQ="}}',
        '{"active": "a", "keys": {"a": "!!!"}}',
        '{"active": "a", "keys": ["a"]}',
        '{"active": ["a"], "keys": {}}',
        json.dumps({"active": "", "keys": {"": "A" * 43 + "="}}),
        json.dumps({"active": "k" * 65, "keys": {"k" * 65: "A" * 43 + "="}}),
    ],
)
def test_malformed_ring_is_refused_without_showing_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ring.json"
    path.write_text(content)
    with pytest.raises(KeyRingError) as refused:
        KeyRing.load(path)
    assert str(path) in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_missing_ring_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"absent\.json cannot be read"):
        KeyRing.load(tmp_path / "absent.json")


def test_repr_of_a_ring_shows_no_key(tmp_path: Path) -> None:
    create_key_ring(tmp_path / "ring.json")
    secret = next(iter(json.loads((tmp_path / "ring.json").read_text())["keys"].values()))
    ring = KeyRing.load(tmp_path / "ring.json")
    assert secret not in repr(ring)
    assert repr(ring.keys[ring.active]) not in repr(ring)
